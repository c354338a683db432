/// Writes integers of any width one after the other, lowest bit first.
struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var pending: UInt64 = 0
    private var used = 0

    /// Appends the lowest `width` bits.
    mutating func write(_ value: UInt64, width: Int) {
        var (rest, left) = (value, width)
        while left > 0 {
            let take = min(left, 8 - used)
            pending |= (rest & ((1 << UInt64(take)) - 1)) << UInt64(used)
            used += take
            rest >>= UInt64(take)
            left -= take
            if used == 8 { flush() }
        }
    }

    /// Appends a number in groups of seven bits, small numbers in few bytes; starts on a whole byte.
    mutating func writeVariable(_ value: UInt64) {
        align()
        var rest = value
        while rest >= 128 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Fills the last byte with zeros.
    mutating func align() { if used > 0 { flush() } }

    private mutating func flush() {
        bytes.append(UInt8(pending))
        (pending, used) = (0, 0)
    }
}

/// Reads what a ``BitWriter`` wrote; every read past the end answers `nil`.
struct BitReader {
    private let bytes: [UInt8]
    private var position = 0
    private var used = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func read(width: Int) -> UInt64? {
        var (value, filled): (UInt64, Int) = (0, 0)
        while filled < width {
            guard position < bytes.count else { return nil }
            let take = min(width - filled, 8 - used)
            let part = (UInt64(bytes[position]) >> UInt64(used)) & ((1 << UInt64(take)) - 1)
            value |= part << UInt64(filled)
            filled += take
            used += take
            if used == 8 { (position, used) = (position + 1, 0) }
        }
        return value
    }

    mutating func readVariable() -> UInt64? {
        align()
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard position < bytes.count else { return nil }
            let byte = bytes[position]
            position += 1
            if shift == 63, byte > 1 { return nil }
            value |= UInt64(byte & 127) << shift
            if byte < 128 { return value }
        }
        return nil
    }

    mutating func align() { if used > 0 { (position, used) = (position + 1, 0) } }

    /// Whether nothing is left but the filling of the last byte.
    var isAtEnd: Bool { position + (used > 0 ? 1 : 0) == bytes.count }
}

/// Signed numbers as unsigned ones, small where the number is small: 0, -1, 1, -2, ...
func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value << 1) ^ (value >> 63)) }

/// The number that ``zigzag(_:)`` made `value` of.
func unzigzag(_ value: UInt64) -> Int64 { Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
