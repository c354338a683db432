/// Batch normalisation (Ioffe and Szegedy, 2015) with ReLU in plain NCHW.
@safe
final class PlainNormalization {
    private let source: Tensor
    private let target: Tensor
    private let mean: Buffer
    private let variance: Buffer
    private let scale: UnsafeMutablePointer<Float>
    private let shift: UnsafeMutablePointer<Float>
    private let scaleGradient: UnsafeMutablePointer<Float>
    private let shiftGradient: UnsafeMutablePointer<Float>
    private let running: (mean: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>)

    init(_ name: String, _ parameters: NetParameters, source: Tensor, target: Tensor) throws(UNetError) {
        (self.source, self.target) = (source, target)
        mean = try Buffer(floats: source.c)
        variance = try Buffer(floats: source.c)
        unsafe scale = parameters.value("\(name).weight")
        unsafe shift = parameters.value("\(name).bias")
        unsafe scaleGradient = parameters.gradient("\(name).weight")
        unsafe shiftGradient = parameters.gradient("\(name).bias")
        unsafe running = parameters.statistics(name)
    }

    private var plane: Int { source.size.pixels }

    func forward(training: Bool) {
        if training {
            measure()
            unsafe Normalization.track(
                channels: source.c,
                samples: source.n * plane,
                mean: mean.floats,
                variance: variance.floats,
                into: running
            )
        }
        for c in 0..<source.c {
            let centre = unsafe training ? mean.floats[c] : running.mean[c]
            let spread = unsafe training ? variance.floats[c] : running.variance[c]
            let factor = unsafe scale[c] / (spread + Normalization.epsilon).squareRoot()
            let offset = unsafe shift[c] - centre * factor
            eachPlane(c) { start in
                for p in start..<(start + plane) {
                    unsafe target.values[p] = max(0, source.values[p] * factor + offset)
                }
            }
        }
    }

    func backward() {
        let count = Float(source.n * plane)
        for c in 0..<source.c {
            let centre = unsafe mean.floats[c]
            let inverse = unsafe 1 / (variance.floats[c] + Normalization.epsilon).squareRoot()
            var sum = 0.0
            var product = 0.0
            eachPlane(c) { start in
                for p in start..<(start + plane) {
                    if unsafe target.values[p] <= 0 { unsafe target.gradient[p] = 0 }
                    let g = unsafe Double(target.gradient[p])
                    sum += g
                    product += g * Double(unsafe (source.values[p] - centre) * inverse)
                }
            }
            unsafe scaleGradient[c] = Float(product)
            unsafe shiftGradient[c] = Float(sum)
            let factor = unsafe scale[c] * inverse
            let (meanGradient, meanProduct) = (Float(sum) / count, Float(product) / count)
            eachPlane(c) { start in
                for p in start..<(start + plane) {
                    let normal = unsafe (source.values[p] - centre) * inverse
                    unsafe source.gradient[p] = factor * (target.gradient[p] - meanGradient - normal * meanProduct)
                }
            }
        }
    }

    /// Mean and biased variance of each channel.
    private func measure() {
        let count = Double(source.n * plane)
        for c in 0..<source.c {
            var sum = 0.0
            eachPlane(c) { start in for p in start..<(start + plane) { sum += Double(unsafe source.values[p]) } }
            let centre = sum / count
            var squares = 0.0
            eachPlane(c) { start in
                for p in start..<(start + plane) {
                    let difference = unsafe Double(source.values[p]) - centre
                    squares += difference * difference
                }
            }
            unsafe mean.floats[c] = Float(centre)
            unsafe variance.floats[c] = Float(squares / count)
        }
    }

    /// Calls with the first index of channel c's plane in each image.
    private func eachPlane(_ c: Int, _ body: (Int) -> Void) {
        for n in 0..<source.n { body((n * source.c + c) * plane) }
    }
}
