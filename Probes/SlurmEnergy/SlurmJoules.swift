import Metering

/// The joules in an answer of `sstat` or `sacct`, a number a line: `402`, or `4.58M` in the short form.
enum SlurmJoules {
    /// The largest number of the lines; `nil` where all are empty, 0, or one of Slurm's words for "not set".
    ///
    /// The largest, since the line of a job contains those of its steps.
    static func largest(_ text: Span<UInt8>) -> UInt64? {
        var largest: UInt64?
        var place = 0
        while place < text.count {
            if let joules = joules(text, place), joules > largest ?? 0 { largest = joules }
            place = text.endOfLine(place) + 1
        }
        return largest
    }

    private static func joules(_ text: Span<UInt8>, _ start: Int) -> UInt64? {
        var place = start
        guard text.skipBlanks(&place), let number = text.number(&place), !number.isNegative else { return nil }
        var value = number.value
        if text.skipBlanks(&place), text[place] != UInt8(ascii: "|") {
            guard let factor = factor(text[place]) else { return nil }
            value *= factor
            place += 1
        }
        guard text.isLineOver(place) || text[place] == UInt8(ascii: "|") else { return nil }
        // NO_VAL and INFINITE in 32 bits; those in 64 bits are far above what any machine has ever drawn.
        guard value >= 1, value < 1e15, number.digits != 4_294_967_294, number.digits != 4_294_967_295 else {
            return nil
        }
        return UInt64(value.rounded())
    }

    private static func factor(_ suffix: UInt8) -> Double? {
        switch suffix {
        case UInt8(ascii: "K"): 1e3
        case UInt8(ascii: "M"): 1e6
        case UInt8(ascii: "G"): 1e9
        case UInt8(ascii: "T"): 1e12
        case UInt8(ascii: "P"): 1e15
        default: nil
        }
    }
}
