public import Metering

/// Samples as a compact block of bytes, without loss.
///
///     version (1 byte) | checksum of the rest (2 bytes) | ticks | channels | column of `before` | column of `after - before` | one column a channel
///
/// A column is its first value, then differences of first or second order, whichever is smaller, each less the
/// smallest of them and packed to the width of the largest. Times are whole microseconds. Arithmetic wraps, so that
/// every value that fits 64 bits survives.
public enum ChunkCodec {
    private static let version: UInt8 = 1
    /// More ticks than any chunk holds; a larger number is damage, not data.
    private static let mostTicks: UInt64 = 1 << 24

    /// Encodes a trace; its times are rounded to microseconds.
    public static func encode(_ trace: Trace) -> [UInt8] {
        var writer = BitWriter()
        writer.writeVariable(UInt64(trace.count))
        writer.writeVariable(UInt64(trace.columns.count))
        let before = trace.before.map { UInt64(bitPattern: $0 / 1000) }
        write(before, to: &writer)
        write(zip(trace.after, before).map { UInt64(bitPattern: $0 / 1000) &- $1 }, to: &writer)
        // A missing reading is all ones; plus one it is zero, and costs no more than its neighbours.
        for column in trace.columns { write(column.map { $0 &+ 1 }, to: &writer) }
        writer.align()
        let sum = checksum(writer.bytes)
        return [version, UInt8(sum & 255), UInt8(sum >> 8)] + writer.bytes
    }

    /// Decodes a chunk of the given channels; `nil` where it is damaged or of another kind.
    public static func decode(_ bytes: [UInt8], channels: [Channel]) -> Trace? {
        guard bytes.count > 3, bytes[0] == version else { return nil }
        let body = Array(bytes.dropFirst(3))
        guard checksum(body) == UInt16(bytes[1]) | UInt16(bytes[2]) << 8 else { return nil }
        var reader = BitReader(body)
        guard let ticks = reader.readVariable(), ticks <= mostTicks, let columns = reader.readVariable(),
            columns == channels.count, let before = read(Int(ticks), from: &reader),
            let spans = read(Int(ticks), from: &reader)
        else { return nil }
        var trace = Trace(channels: channels)
        trace.before = before.map { Int64(bitPattern: $0) &* 1000 }
        trace.after = zip(before, spans).map { Int64(bitPattern: $0 &+ $1) &* 1000 }
        trace.columns = []
        for _ in channels {
            guard let column = read(Int(ticks), from: &reader) else { return nil }
            trace.columns.append(column.map { $0 &- 1 })
        }
        return reader.isAtEnd ? trace : nil
    }

    private static func write(_ values: [UInt64], to writer: inout BitWriter) {
        guard let first = values.first else { return }
        writer.writeVariable(first)
        let steps = zip(values.dropFirst(), values).map { Int64(bitPattern: $0 &- $1) }
        guard let step = steps.first else { return }
        let turns = zip(steps.dropFirst(), steps).map { $0 &- $1 }
        let (simple, double) = (Frame(steps), Frame(turns))
        let useDouble = double.bits + 64 < simple.bits
        let frame = useDouble ? double : simple
        writer.writeVariable(UInt64(frame.width) << 1 | (useDouble ? 1 : 0))
        if useDouble { writer.writeVariable(zigzag(step)) }
        writer.writeVariable(zigzag(frame.lowest))
        for value in useDouble ? turns : steps {
            writer.write(UInt64(bitPattern: value &- frame.lowest), width: frame.width)
        }
        writer.align()
    }

    private static func read(_ count: Int, from reader: inout BitReader) -> [UInt64]? {
        guard count > 0 else { return [] }
        guard let first = reader.readVariable() else { return nil }
        guard count > 1 else { return [first] }
        guard let head = reader.readVariable(), head >> 1 <= 64 else { return nil }
        let (width, isDouble) = (Int(head >> 1), head & 1 == 1)
        var step: Int64 = 0
        var remaining = count - 1
        var values = [first]
        if isDouble {
            guard let start = reader.readVariable() else { return nil }
            step = unzigzag(start)
            values.append(first &+ UInt64(bitPattern: step))
            remaining -= 1
        }
        guard let lowest = reader.readVariable().map(unzigzag) else { return nil }
        for _ in 0..<remaining {
            guard let packed = reader.read(width: width), let last = values.last else { return nil }
            let value = Int64(bitPattern: packed) &+ lowest
            step = isDouble ? step &+ value : value
            values.append(last &+ UInt64(bitPattern: step))
        }
        reader.align()
        return values
    }

    /// Numbers less their smallest, and the bits that the largest then needs.
    private struct Frame {
        var lowest: Int64 = 0
        var width = 0
        var bits = 0

        init(_ values: [Int64]) {
            guard let low = values.min(), let high = values.max() else { return }
            lowest = low
            width = 64 - (UInt64(bitPattern: high) &- UInt64(bitPattern: low)).leadingZeroBitCount
            bits = width * values.count
        }
    }

    private static func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value << 1) ^ (value >> 63)) }

    private static func unzigzag(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// Fletcher's checksum of 16 bits.
    ///
    /// J. G. Fletcher, IEEE Transactions on Communications 30 (1982), 247.
    private static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            a = (a + UInt32(byte)) % 255
            b = (b + a) % 255
        }
        return UInt16(b << 8 | a)
    }
}
