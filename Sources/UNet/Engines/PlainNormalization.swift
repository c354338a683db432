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

    /// Two sums for each channel.
    private let sums: Buffer
    /// The ranks over which statistics are taken.
    private let synchronised: World?

    init(
        _ name: String,
        _ parameters: NetParameters,
        source: Tensor,
        target: Tensor,
        _ synchronised: World? = nil
    ) throws(UNetError) {
        (self.source, self.target, self.synchronised) = (source, target, synchronised)
        mean = try Buffer(floats: source.c)
        variance = try Buffer(floats: source.c)
        sums = try Buffer(bytes: 16 * source.c)
        unsafe scale = parameters.value("\(name).weight")
        unsafe shift = parameters.value("\(name).bias")
        unsafe scaleGradient = parameters.gradient("\(name).weight")
        unsafe shiftGradient = parameters.gradient("\(name).bias")
        unsafe running = parameters.statistics(name)
    }

    private var plane: Int { source.size.pixels }
    /// Values of a channel, those of other ranks included.
    private var samples: Int { source.n * plane * (synchronised?.size ?? 1) }

    func forward(training: Bool) {
        if training {
            measure()
            unsafe Normalization.track(
                channels: source.c,
                samples: samples,
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
        // For each channel the sum of the gradients, then that of their products with the normalised values.
        let sums = unsafe self.sums.raw.assumingMemoryBound(to: Double.self)
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
            unsafe (sums[2 * c], sums[2 * c + 1]) = (sum, product)
            unsafe scaleGradient[c] = Float(product)
            unsafe shiftGradient[c] = Float(sum)
        }
        unsafe synchronised?.sum(sums, count: 2 * source.c)
        let count = Float(samples)
        for c in 0..<source.c {
            let centre = unsafe mean.floats[c]
            let inverse = unsafe 1 / (variance.floats[c] + Normalization.epsilon).squareRoot()
            let factor = unsafe scale[c] * inverse
            let (meanGradient, meanProduct) = unsafe (Float(sums[2 * c]) / count, Float(sums[2 * c + 1]) / count)
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
        let sums = unsafe self.sums.raw.assumingMemoryBound(to: Double.self)
        let squares = unsafe sums + source.c
        for c in 0..<source.c {
            var sum = 0.0
            eachPlane(c) { start in for p in start..<(start + plane) { sum += Double(unsafe source.values[p]) } }
            unsafe sums[c] = sum
        }
        unsafe synchronised?.sum(sums, count: source.c)
        for c in 0..<source.c {
            let centre = unsafe sums[c] / Double(samples)
            var sum = 0.0
            eachPlane(c) { start in
                for p in start..<(start + plane) {
                    let difference = unsafe Double(source.values[p]) - centre
                    sum += difference * difference
                }
            }
            unsafe mean.floats[c] = Float(centre)
            unsafe squares[c] = sum
        }
        unsafe synchronised?.sum(squares, count: source.c)
        for c in 0..<source.c { unsafe variance.floats[c] = Float(squares[c] / Double(samples)) }
    }

    /// Calls with the first index of channel c's plane in each image.
    private func eachPlane(_ c: Int, _ body: (Int) -> Void) {
        for n in 0..<source.n { body((n * source.c + c) * plane) }
    }
}
