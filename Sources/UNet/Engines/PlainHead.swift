import COpenBLAS

/// The 1x1 convolution to one logit a pixel in plain NCHW.
@safe
final class PlainHead {
    private let source: Tensor
    private let target: Tensor
    private let weights: UnsafeMutablePointer<Float>
    private let weightGradient: UnsafeMutablePointer<Float>
    private let bias: UnsafeMutablePointer<Float>?
    private let biasGradient: UnsafeMutablePointer<Float>?

    init(_ name: String, hasBias: Bool, _ parameters: NetParameters, source: Tensor, target: Tensor) {
        (self.source, self.target) = (source, target)
        unsafe weights = parameters.value("\(name).weight")
        unsafe weightGradient = parameters.gradient("\(name).weight")
        unsafe bias = hasBias ? parameters.value("\(name).bias") : nil
        unsafe biasGradient = hasBias ? parameters.gradient("\(name).bias") : nil
    }

    private var plane: Int { source.size.pixels }

    func forward() {
        for n in 0..<source.n {
            let out = unsafe target.values + n * plane
            unsafe out.update(repeating: bias?[0] ?? 0, count: plane)
            unsafe cblas_sgemv(
                CblasRowMajor,
                CblasTrans,
                Int32(source.c),
                Int32(plane),
                1,
                source.values + n * source.c * plane,
                Int32(plane),
                weights,
                1,
                1,
                out,
                1
            )
        }
    }

    func backward() {
        unsafe biasGradient?[0] = 0
        unsafe weightGradient.update(repeating: 0, count: source.c)
        for n in 0..<source.n {
            let dout = unsafe target.gradient + n * plane
            var sum = 0.0
            for p in 0..<plane { sum += Double(unsafe dout[p]) }
            unsafe biasGradient?[0] += Float(sum)
            let offset = n * source.c * plane
            unsafe cblas_sgemv(
                CblasRowMajor,
                CblasNoTrans,
                Int32(source.c),
                Int32(plane),
                1,
                source.values + offset,
                Int32(plane),
                dout,
                1,
                1,
                weightGradient,
                1
            )
            for c in 0..<source.c {
                let gradient = unsafe source.gradient + offset + c * plane
                for p in 0..<plane { unsafe gradient[p] += weights[c] * dout[p] }
            }
        }
    }
}
