import COpenBLAS

/// Twice convolution 3x3, batch normalisation, ReLU in plain NCHW.
final class PlainBlock {
    let output: Tensor
    private let convolutions: [PlainConvolution]
    private let normalizations: [PlainNormalization]
    private let finished: [() -> Int32]

    init(
        _ name: String,
        _ parameters: NetParameters,
        source: Tensor,
        channels: Int,
        columns: Buffer,
        synchronised: World?
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
            try PlainNormalization("\(name).norm1", parameters, source: first, target: middle, synchronised),
            try PlainNormalization("\(name).norm2", parameters, source: second, target: output, synchronised),
        ]
        finished = (1...2).map { parameters.finishes("\(name).norm\($0)", "\(name).conv\($0)") }
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
            _ = finished[index]()
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
