import COpenBLAS

/// 2x2 max pooling in plain NCHW; backward adds to the source's gradient.
final class PlainPool {
    private let source: Tensor
    private let target: Tensor
    private var winners: [Int32]

    init(source: Tensor, target: Tensor) {
        (self.source, self.target) = (source, target)
        winners = Array(repeating: 0, count: target.count)
    }

    func forward() {
        let (side, wide) = (target.s, source.s)
        for plane in 0..<(source.n * source.c) {
            for y in 0..<side {
                for x in 0..<side {
                    let corner = plane * wide * wide + 2 * y * wide + 2 * x
                    var best = corner
                    for place in 1..<4 {
                        let index = corner + place % 2 + place / 2 * wide
                        if unsafe source.values[index] > source.values[best] { best = index }
                    }
                    let index = plane * side * side + y * side + x
                    unsafe target.values[index] = source.values[best]
                    winners[index] = Int32(best)
                }
            }
        }
    }

    func backward() {
        for index in 0..<target.count {
            unsafe source.gradient[Int(winners[index])] += target.gradient[index]
        }
    }
}

/// Transposed convolution 2x2 with stride 2 and bias, joined behind the skip: skip channels first.
@safe
final class PlainUp {
    private let source: Tensor
    private let skip: Tensor
    private let joined: Tensor
    private let patches: Buffer
    private let weights: UnsafeMutablePointer<Float>
    private let weightGradient: UnsafeMutablePointer<Float>
    private let bias: UnsafeMutablePointer<Float>
    private let biasGradient: UnsafeMutablePointer<Float>
    private let finished: () -> Int32

    init(
        _ level: Int,
        _ parameters: NetParameters,
        source: Tensor,
        skip: Tensor,
        joined: Tensor
    ) throws(UNetError) {
        (self.source, self.skip, self.joined) = (source, skip, joined)
        patches = try Buffer(floats: skip.c * 4 * source.s * source.s)
        unsafe weights = parameters.value("up.\(level).weight")
        unsafe weightGradient = parameters.gradient("up.\(level).weight")
        unsafe bias = parameters.value("up.\(level).bias")
        unsafe biasGradient = parameters.gradient("up.\(level).bias")
        finished = parameters.finishes("up.\(level)")
    }

    private var small: Int { source.s * source.s }
    private var large: Int { joined.s * joined.s }
    private var taps: Int { skip.c * 4 }

    func forward() {
        for n in 0..<source.n {
            let target = unsafe joined.values + n * joined.c * large
            unsafe target.update(from: skip.values + n * skip.c * large, count: skip.c * large)
            // patches (taps x small) = weights^T (taps x channels) . source (channels x small)
            unsafe cblas_sgemm(
                CblasRowMajor,
                CblasTrans,
                CblasNoTrans,
                Int32(taps),
                Int32(small),
                Int32(source.c),
                1,
                weights,
                Int32(taps),
                source.values + n * source.c * small,
                Int32(small),
                0,
                patches.floats,
                Int32(small)
            )
            eachPatch { c, patch, pixel in
                unsafe (target + (skip.c + c) * large)[pixel] = patches.floats[patch] + bias[c]
            }
        }
    }

    func backward() {
        defer { _ = finished() }
        unsafe weightGradient.update(repeating: 0, count: source.c * taps)
        unsafe biasGradient.update(repeating: 0, count: skip.c)
        for n in 0..<source.n {
            let dout = unsafe joined.gradient + n * joined.c * large
            let dskip = unsafe skip.gradient + n * skip.c * large
            for index in 0..<(skip.c * large) { unsafe dskip[index] += dout[index] }
            for c in 0..<skip.c {
                var sum = 0.0
                let plane = unsafe dout + (skip.c + c) * large
                for p in 0..<large { sum += Double(unsafe plane[p]) }
                unsafe biasGradient[c] += Float(sum)
            }
            eachPatch { c, patch, pixel in
                unsafe patches.floats[patch] = (dout + (skip.c + c) * large)[pixel]
            }
            let values = unsafe source.values + n * source.c * small
            unsafe cblas_sgemm(
                CblasRowMajor,
                CblasNoTrans,
                CblasTrans,
                Int32(source.c),
                Int32(taps),
                Int32(small),
                1,
                values,
                Int32(small),
                patches.floats,
                Int32(small),
                1,
                weightGradient,
                Int32(taps)
            )
            unsafe cblas_sgemm(
                CblasRowMajor,
                CblasNoTrans,
                CblasNoTrans,
                Int32(source.c),
                Int32(small),
                Int32(taps),
                1,
                weights,
                Int32(taps),
                patches.floats,
                Int32(small),
                0,
                source.gradient + n * source.c * small,
                Int32(small)
            )
        }
    }

    /// Calls for every value of the patches with its channel, its index there, and its pixel in the large plane.
    private func eachPatch(_ body: (Int, Int, Int) -> Void) {
        let (side, wide) = (source.s, joined.s)
        for c in 0..<skip.c {
            for tap in 0..<4 {
                for y in 0..<side {
                    for x in 0..<side {
                        body(c, (c * 4 + tap) * small + y * side + x, (2 * y + tap / 2) * wide + 2 * x + tap % 2)
                    }
                }
            }
        }
    }
}
