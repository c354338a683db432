/// The machine's processor time since boot, in clock ticks, from the first line of `/proc/stat`.
struct ProcessorTime: Hashable {
    /// Time in which a processor worked: user, nice, system, interrupts.
    ///
    /// Guest time is inside user and nice.
    var busy: UInt64 = 0
    /// Time in which it did not: idle, waiting for a disk, and stolen by the hypervisor.
    var idle: UInt64 = 0

    init() {}

    /// Parses `cpu  user nice system idle iowait irq softirq steal guest guest_nice`; `nil` where it is another line.
    init?(_ text: some Sequence<UInt8>) {
        var fields: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
        var column = -1
        var value: UInt64 = 0
        var hasDigits = false
        func keep(_ value: UInt64, at column: Int) {
            switch column {
            case 0: fields.0 = value
            case 1: fields.1 = value
            case 2: fields.2 = value
            case 3: fields.3 = value
            case 4: fields.4 = value
            case 5: fields.5 = value
            case 6: fields.6 = value
            case 7: fields.7 = value
            default: break
            }
        }
        var label: UInt32 = 0
        for byte in text {
            if byte == UInt8(ascii: "\n") { break }
            if column < 0 {
                if byte == UInt8(ascii: " ") { column = 0 } else { label = label << 8 | UInt32(byte) }
                continue
            }
            if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                value = value &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
                hasDigits = true
            } else if hasDigits {
                keep(value, at: column)
                (column, value, hasDigits) = (column + 1, 0, false)
            }
        }
        if hasDigits {
            keep(value, at: column)
            column += 1
        }
        // "cpu" as a number; kernels since 2.6.11 give eight columns and more, older ones four.
        guard label == 0x63_70_75, column >= 4 else { return nil }
        busy = fields.0 &+ fields.1 &+ fields.2 &+ fields.5 &+ fields.6
        idle = fields.3 &+ fields.4 &+ fields.7
    }
}
