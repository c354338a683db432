internal import ArgumentParser

/// An amount of memory, as `2GiB`, `1500MB` or plain bytes.
struct ByteCount: ExpressibleByArgument {
    var bytes: Int

    /// The amount that the text names; nil for what is no positive amount.
    init?(argument: String) {
        let number = argument.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = argument.dropFirst(number.count).drop { $0 == " " }.uppercased()
        guard let factor = Self.units[unit], let value = Double(number), value > 0, value * factor < 0x1p62 else {
            return nil
        }
        bytes = Int(value * factor)
    }

    private static let units: [String: Double] = [
        "": 1, "B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
        "KIB": 0x1p10, "MIB": 0x1p20, "GIB": 0x1p30, "TIB": 0x1p40, "K": 0x1p10, "M": 0x1p20, "G": 0x1p30, "T": 0x1p40,
    ]
}

/// An amount for people, rounded up so that it suffices as a limit.
func memoryText(_ bytes: Int) -> String {
    let mebibytes = (bytes + (1 << 20) - 1) >> 20
    return mebibytes < 10_240 ? "\(mebibytes) MiB" : "\(fixed(Double(bytes) / 0x1p30 + 0.05, 1)) GiB"
}
