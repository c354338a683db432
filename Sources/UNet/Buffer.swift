#if canImport(Glibc)
import Glibc
#endif

/// Zeroed memory, aligned to pages, that lives as long as its owner: what a net plans once and never moves.
@safe
final class Buffer {
    let bytes: Int
    let raw: UnsafeMutableRawPointer

    init(bytes: Int) throws(UNetError) {
        self.bytes = max(bytes, 1)
        let rounded = (self.bytes + 4095) / 4096 * 4096
        guard let memory = unsafe aligned_alloc(4096, rounded) else {
            throw UNetError(
                code: .unsupported,
                problem: "There is no memory for a buffer of \(rounded / 1_048_576) MiB.",
                remedy: "Choose a smaller --batch, --size or --filters."
            )
        }
        unsafe memset(memory, 0, rounded)
        unsafe raw = memory
    }

    convenience init(floats: Int) throws(UNetError) { try self.init(bytes: floats * 4) }

    deinit { unsafe free(raw) }

    /// The memory as f32.
    var floats: UnsafeMutablePointer<Float> { unsafe raw.assumingMemoryBound(to: Float.self) }
}
