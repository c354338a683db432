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
    ///
    /// Allocates nothing: it is called at every tick.
    init?(_ text: borrowing Span<UInt8>) {
        guard text.count > 4, text[0] == UInt8(ascii: "c"), text[1] == UInt8(ascii: "p"), text[2] == UInt8(ascii: "u"),
            text[3] == UInt8(ascii: " ")
        else { return nil }
        var columns = InlineArray<8, UInt64>(repeating: 0)
        var column = 0
        var hasDigits = false
        var i = 4
        while i < text.count, column < 8, text[i] != UInt8(ascii: "\n") {
            let byte = text[i]
            if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                columns[column] = columns[column] &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
                hasDigits = true
            } else if hasDigits {
                column += 1
                hasDigits = false
            }
            i += 1
        }
        if hasDigits { column += 1 }
        // Kernels since 2.6.11 give eight columns and more, older ones four.
        guard column >= 4 else { return nil }
        busy = columns[0] &+ columns[1] &+ columns[2] &+ columns[5] &+ columns[6]
        idle = columns[3] &+ columns[4] &+ columns[7]
    }
}
