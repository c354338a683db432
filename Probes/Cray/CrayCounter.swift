import Metering

/// One line of a file of `pm_counters`: `412345 J 1732570000123456 us`, or the number alone.
struct CrayCounter: Hashable {
    /// The unit that a file states.
    enum Unit: Hashable {
        case joules, watts
    }

    /// Joules or watts.
    var value: UInt64
    /// Its unit; `nil` where the file states none.
    var unit: Unit?
    /// The sensor's own time in µs; 0 where it states none.
    var time: UInt64 = 0

    /// Reads the first line; `nil` where it is none of these.
    init?(_ text: Span<UInt8>) {
        var place = 0
        guard text.skipBlanks(&place), let number = text.number(&place), number.decimals == 0, !number.isNegative
        else { return nil }
        value = number.digits
        guard text.skipBlanks(&place) else { return }
        if text.take("J", &place) {
            unit = .joules
        } else if text.take("W", &place) {
            unit = .watts
        } else {
            return nil
        }
        guard text.skipBlanks(&place), let stamp = text.number(&place), stamp.decimals == 0, !stamp.isNegative,
            text.skipBlanks(&place), text.take("us", &place)
        else { return }
        time = stamp.digits
    }
}
