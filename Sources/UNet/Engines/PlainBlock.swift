import COpenBLAS

#if canImport(Glibc)
import Glibc
#endif

/// Twice convolution 3x3, batch normalisation, ReLU in plain NCHW.
final class PlainBlock {
    let output: Tensor
    private let convolutions: [PlainConvolution]
    private let normalizations: [PlainNormalization]

    init(
        _ name: String,
        _ parameters: NetParameters,
        source: Tensor,
        channels: Int,
        columns: Buffer
    ) throws(UNetError) {
        let first = try Tensor(source.n, channels, source.s)
        let middle = try Tensor(source.n, channels, source.s)
        let second = try Tensor(source.n, channels, source.s)
        output = try Tensor(source.n, channels, source.s)
        convolutions = [
            PlainConvolution("\(name).conv1", parameters, source: source, target: first, columns: columns),
            PlainConvolution("\(name).conv2", parameters, source: middle, target: second, columns: columns),
        ]
        normalizations = [
            try PlainNormalization("\(name).norm1", parameters, source: first, target: middle),
            try PlainNormalization("\(name).norm2", parameters, source: second, target: output),
        ]
    }

    func forward(training: Bool) {
        for index in 0..<2 {
            convolutions[index].forward()
            normalizations[index].forward(training: training)
        }
    }

    func backward(needsInput: Bool) {
        for index in (0..<2).reversed() {
            normalizations[index].backward()
            convolutions[index].backward(needsInput: index == 1 || needsInput)
        }
    }
}

/// A 3x3 convolution as a matrix product over columns of shifted pixels (Chellapilla, 2006).
@safe
final class PlainConvolution {
    private let source: Tensor
    private let target: Tensor
    private let columns: Buffer
    private let weights: UnsafeMutablePointer<Float>
    private let gradient: UnsafeMutablePointer<Float>

    init(_ name: String, _ parameters: NetParameters, source: Tensor, target: Tensor, columns: Buffer) {
        (self.source, self.target, self.columns) = (source, target, columns)
        unsafe weights = parameters.value("\(name).weight")
        unsafe gradient = parameters.gradient("\(name).weight")
    }

    private var plane: Int { source.s * source.s }
    private var depth: Int { source.c * 9 }

    func forward() {
        for n in 0..<source.n {
            gather(n)
            // target (c x plane) = weights (c x depth) . columns (depth x plane)
            unsafe cblas_sgemm(
                CblasRowMajor,
                CblasNoTrans,
                CblasNoTrans,
                Int32(target.c),
                Int32(plane),
                Int32(depth),
                1,
                weights,
                Int32(depth),
                columns.floats,
                Int32(plane),
                0,
                target.values + n * target.c * plane,
                Int32(plane)
            )
        }
    }

    func backward(needsInput: Bool) {
        unsafe gradient.update(repeating: 0, count: target.c * depth)
        if needsInput { source.clearGradient() }
        for n in 0..<source.n {
            let dout = unsafe target.gradient + n * target.c * plane
            gather(n)
            unsafe cblas_sgemm(
                CblasRowMajor,
                CblasNoTrans,
                CblasTrans,
                Int32(target.c),
                Int32(depth),
                Int32(plane),
                1,
                dout,
                Int32(plane),
                columns.floats,
                Int32(plane),
                1,
                gradient,
                Int32(depth)
            )
            guard needsInput else { continue }
            unsafe cblas_sgemm(
                CblasRowMajor,
                CblasTrans,
                CblasNoTrans,
                Int32(depth),
                Int32(plane),
                Int32(target.c),
                1,
                weights,
                Int32(depth),
                dout,
                Int32(plane),
                0,
                columns.floats,
                Int32(plane)
            )
            scatter(n)
        }
    }

    /// Copies image n, shifted by each tap, into the rows of the columns matrix.
    private func gather(_ n: Int) {
        let s = source.s
        for c in 0..<source.c {
            let from = unsafe source.values + (n * source.c + c) * plane
            for tap in 0..<9 {
                let to = unsafe columns.floats + (c * 9 + tap) * plane
                let (dy, dx) = (tap / 3 - 1, tap % 3 - 1)
                for y in 0..<s {
                    let row = unsafe to + y * s
                    guard (0..<s).contains(y + dy) else {
                        unsafe row.update(repeating: 0, count: s)
                        continue
                    }
                    let (left, right) = (max(0, -dx), min(s, s - dx))
                    for x in 0..<left { unsafe row[x] = 0 }
                    unsafe (row + left).update(from: from + (y + dy) * s + left + dx, count: right - left)
                    for x in right..<s { unsafe row[x] = 0 }
                }
            }
        }
    }

    /// Adds the columns' rows back to the source's gradient.
    private func scatter(_ n: Int) {
        let s = source.s
        for c in 0..<source.c {
            let to = unsafe source.gradient + (n * source.c + c) * plane
            for tap in 0..<9 {
                let from = unsafe columns.floats + (c * 9 + tap) * plane
                let (dy, dx) = (tap / 3 - 1, tap % 3 - 1)
                for y in max(0, -dy)..<min(s, s - dy) {
                    for x in max(0, -dx)..<min(s, s - dx) {
                        unsafe to[(y + dy) * s + x + dx] += from[y * s + x]
                    }
                }
            }
        }
    }
}

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

    private var plane: Int { source.s * source.s }

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
