import COpenBLAS

/// Transposed convolution 2x2 with stride 2 and bias as a matrix product; backward adds to the source's gradient.
@safe
final class PlainUp {
    private let source: Tensor
    private let target: Tensor
    private let patches: Buffer
    private let weights: UnsafeMutablePointer<Float>
    private let weightGradient: UnsafeMutablePointer<Float>
    private let bias: UnsafeMutablePointer<Float>
    private let biasGradient: UnsafeMutablePointer<Float>

    init(_ name: String, _ parameters: NetParameters, source: Tensor, target: Tensor) throws(UNetError) {
        (self.source, self.target) = (source, target)
        patches = try Buffer(floats: target.c * 4 * source.size.pixels)
        unsafe weights = parameters.value("\(name).weight")
        unsafe weightGradient = parameters.gradient("\(name).weight")
        unsafe bias = parameters.value("\(name).bias")
        unsafe biasGradient = parameters.gradient("\(name).bias")
    }

    private var small: Int { source.size.pixels }
    private var large: Int { target.size.pixels }
    private var taps: Int { target.c * 4 }

    func forward() {
        for n in 0..<source.n {
            let out = unsafe target.values + n * target.c * large
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
                unsafe out[c * large + pixel] = patches.floats[patch] + bias[c]
            }
        }
    }

    func backward() {
        unsafe weightGradient.update(repeating: 0, count: source.c * taps)
        unsafe biasGradient.update(repeating: 0, count: target.c)
        for n in 0..<source.n {
            let dout = unsafe target.gradient + n * target.c * large
            for c in 0..<target.c {
                var sum = 0.0
                let plane = unsafe dout + c * large
                for p in 0..<large { sum += Double(unsafe plane[p]) }
                unsafe biasGradient[c] += Float(sum)
            }
            eachPatch { c, patch, pixel in
                unsafe patches.floats[patch] = dout[c * large + pixel]
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
                1,
                source.gradient + n * source.c * small,
                Int32(small)
            )
        }
    }

    /// Calls for every value of the patches with its channel, its index there, and its pixel in the target's plane.
    private func eachPatch(_ body: (Int, Int, Int) -> Void) {
        let (size, wide) = (source.size, target.size.width)
        for c in 0..<target.c {
            for tap in 0..<4 {
                for y in 0..<size.height {
                    for x in 0..<size.width {
                        body(c, (c * 4 + tap) * small + y * size.width + x, (2 * y + tap / 2) * wide + 2 * x + tap % 2)
                    }
                }
            }
        }
    }
}
