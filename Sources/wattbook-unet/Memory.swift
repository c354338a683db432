internal import Foundation
internal import UNet

/// The memory of this process.
enum Memory {
    /// Bytes of physical memory that it has held at most, by the kernel's account; nil where there is none.
    static var peak: Int? {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(separator: " ").compactMap { Int($0) }.first.map { $0 * 1024 }
    }

    /// Throws `.unsupported` where an estimate is above the limit.
    static func check(_ estimate: MemoryEstimate, limit: ByteCount?) throws(UNetError) {
        guard let limit, estimate.total > limit.bytes else { return }
        throw UNetError(
            code: .unsupported,
            problem: "This needs about \(memoryText(estimate.total)), "
                + "which is above the --memory-limit of \(memoryText(limit.bytes)).",
            remedy: "Choose a smaller --batch, --size or --filters, or a higher limit."
        )
    }
}
