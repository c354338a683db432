#if canImport(Glibc)
import Glibc
#endif

/// What the processor says about itself in `/proc/cpuinfo`.
enum CPUFeatures {
    /// Whether convolutions in bf16 have instructions of their own: AVX512-BF16 or AMX.
    static let hasBF16: Bool = {
        let flags = flagLine()
        return flags.contains("avx512_bf16") || flags.contains("amx_bf16")
    }()

    private static func flagLine() -> [Substring] {
        guard let file = unsafe fopen("/proc/cpuinfo", "r") else { return [] }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 16384)
        while unsafe fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.hasPrefix("flags") || text.hasPrefix("Features") {
                return text.split(whereSeparator: \.isWhitespace)
            }
        }
        return []
    }
}
