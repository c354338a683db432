public import Metering

/// Samples as a compact block of bytes, without loss.
///
///     version (1 byte) | checksum of the rest (4 bytes) | ticks | channels | column of `before` | column of `after - before` | one column a channel
///
/// Times are whole microseconds. Every chunk stands for itself: damage in one leaves the others readable.
public enum ChunkCodec {
    private static let version: UInt8 = 2
    /// More ticks than any chunk holds; a larger number is damage, not data.
    private static let mostTicks: UInt64 = 1 << 20

    /// Encodes a trace; its times are rounded down to microseconds.
    public static func encode(_ trace: Trace) -> [UInt8] {
        var writer = BitWriter()
        writer.writeVariable(UInt64(trace.count))
        writer.writeVariable(UInt64(trace.columns.count))
        let before = trace.before.map { UInt64(bitPattern: $0 / 1000) }
        ColumnCodec.write(before, to: &writer)
        ColumnCodec.write(zip(trace.after, before).map { UInt64(bitPattern: $0 / 1000) &- $1 }, to: &writer)
        // A missing reading is all ones; plus one it is zero, and costs no more than its neighbours.
        for column in trace.columns { ColumnCodec.write(column.map { $0 &+ 1 }, to: &writer) }
        writer.align()
        let sum = CRC32.of(writer.bytes[...])
        return [version] + (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) } + writer.bytes
    }

    /// Decodes a chunk of the given channels; `nil` where it is damaged or of another kind.
    public static func decode(_ bytes: [UInt8], channels: [Channel]) -> Trace? {
        guard let (body, column) = open(bytes) else { return nil }
        var reader = BitReader(body)
        guard let ticks = reader.readVariable(), ticks <= mostTicks, let columns = reader.readVariable(),
            columns == channels.count, let before = column(Int(ticks), &reader),
            let spans = column(Int(ticks), &reader)
        else { return nil }
        var trace = Trace(channels: channels)
        trace.before = before.map { Int64(bitPattern: $0) &* 1000 }
        trace.after = zip(before, spans).map { Int64(bitPattern: $0 &+ $1) &* 1000 }
        trace.columns = []
        for _ in channels {
            guard let values = column(Int(ticks), &reader) else { return nil }
            trace.columns.append(values.map { $0 &- 1 })
        }
        return reader.isAtEnd ? trace : nil
    }

    private typealias Column = (Int, inout BitReader) -> [UInt64]?

    /// The part that the checksum covers, and how its columns are written; `nil` where the checksum disagrees.
    private static func open(_ bytes: [UInt8]) -> (body: [UInt8], column: Column)? {
        if bytes.first == version, bytes.count > 5 {
            let sum = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[1 + $1]) << (8 * UInt32($1)) }
            guard CRC32.of(bytes[5...]) == sum else { return nil }
            return (Array(bytes[5...]), { ColumnCodec.read($0, from: &$1) })
        }
        if bytes.first == 1, bytes.count > 3 {
            guard fletcher16(bytes[3...]) == UInt16(bytes[1]) | UInt16(bytes[2]) << 8 else { return nil }
            return (Array(bytes[3...]), { ColumnCodec.readFirstVersion($0, from: &$1) })
        }
        return nil
    }
}
