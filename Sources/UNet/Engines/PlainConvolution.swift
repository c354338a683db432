import COpenBLAS

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

    private var plane: Int { source.size.pixels }
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

    /// Adds to the source's gradient where it is needed.
    func backward(needsInput: Bool) {
        unsafe gradient.update(repeating: 0, count: target.c * depth)
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
        let (h, w) = (source.size.height, source.size.width)
        for c in 0..<source.c {
            let from = unsafe source.values + (n * source.c + c) * plane
            for tap in 0..<9 {
                let to = unsafe columns.floats + (c * 9 + tap) * plane
                let (dy, dx) = (tap / 3 - 1, tap % 3 - 1)
                for y in 0..<h {
                    let row = unsafe to + y * w
                    guard (0..<h).contains(y + dy) else {
                        unsafe row.update(repeating: 0, count: w)
                        continue
                    }
                    let (left, right) = (max(0, -dx), min(w, w - dx))
                    for x in 0..<left { unsafe row[x] = 0 }
                    unsafe (row + left).update(from: from + (y + dy) * w + left + dx, count: right - left)
                    for x in right..<w { unsafe row[x] = 0 }
                }
            }
        }
    }

    /// Adds the columns' rows back to the source's gradient.
    private func scatter(_ n: Int) {
        let (h, w) = (source.size.height, source.size.width)
        for c in 0..<source.c {
            let to = unsafe source.gradient + (n * source.c + c) * plane
            for tap in 0..<9 {
                let from = unsafe columns.floats + (c * 9 + tap) * plane
                let (dy, dx) = (tap / 3 - 1, tap % 3 - 1)
                for y in max(0, -dy)..<min(h, h - dy) {
                    for x in max(0, -dx)..<min(w, w - dx) {
                        unsafe to[(y + dy) * w + x + dx] += from[y * w + x]
                    }
                }
            }
        }
    }
}
