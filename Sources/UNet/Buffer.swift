#if canImport(Glibc)
import Glibc
#endif

/// Zeroed memory, aligned to pages, that lives as long as its owner: what a net plans once and never moves.
///
/// Its pages take up memory from the first touch on, so that a net which only describes itself costs none.
@safe
final class Buffer {
    let bytes: Int
    let raw: UnsafeMutableRawPointer

    private static let hugePage = 2 << 20

    init(bytes: Int) throws(UNetError) {
        self.bytes = max(bytes, 1)
        let mapped = unsafe mmap(nil, self.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory = unsafe mapped, unsafe memory != MAP_FAILED else {
            throw UNetError(
                code: .unsupported,
                problem: "There is no memory for a buffer of \(self.bytes / 1_048_576) MiB.",
                remedy: "Choose a smaller --batch, --size or --filters."
            )
        }
        // With pages of 4 KiB an activation takes more translations than a processor keeps. Advice, which may be ignored.
        if self.bytes >= Self.hugePage { _ = unsafe madvise(memory, self.bytes, MADV_HUGEPAGE) }
        unsafe raw = memory
    }

    convenience init(floats: Int) throws(UNetError) { try self.init(bytes: floats * 4) }

    deinit { unsafe munmap(raw, bytes) }

    /// The memory as f32.
    var floats: UnsafeMutablePointer<Float> { unsafe raw.assumingMemoryBound(to: Float.self) }
}
