/// A decimal number as it stands in a text: `digits` without the point, and how many of them stand after it.
@frozen
public struct DecimalNumber: Sendable, Hashable {
    /// All digits as one whole number.
    public var digits: UInt64
    /// How many of the digits are decimals.
    public var decimals: Int
    /// Whether a minus stands before it.
    public var isNegative: Bool

    /// A number; the arguments are the properties of the same names.
    public init(digits: UInt64, decimals: Int = 0, isNegative: Bool = false) {
        self.digits = digits
        self.decimals = decimals
        self.isNegative = isNegative
    }

    /// Its value.
    public var value: Double {
        var value = Double(digits)
        for _ in 0..<decimals { value /= 10 }
        return isNegative ? -value : value
    }
}

/// Text of sensors and tools as bytes, taken apart without asking for memory.
extension Span<UInt8> {
    /// Goes past blanks and tabs; `true` where something else follows on the line.
    public func skipBlanks(_ place: inout Int) -> Bool {
        while place < count, self[place] == UInt8(ascii: " ") || self[place] == UInt8(ascii: "\t") { place += 1 }
        return place < count && self[place] != UInt8(ascii: "\n") && self[place] != UInt8(ascii: "\r")
    }

    /// The decimal number at a place, which moves behind it; `nil` where there is none or it does not fit.
    public func number(_ place: inout Int) -> DecimalNumber? {
        var next = place
        let isNegative = next < count && self[next] == UInt8(ascii: "-")
        if isNegative { next += 1 }
        var number = DecimalNumber(digits: 0, isNegative: isNegative)
        var digits = 0
        var isFraction = false
        while next < count {
            let byte = self[next]
            if byte == UInt8(ascii: "."), !isFraction, digits > 0 {
                isFraction = true
            } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                let (shifted, tooLong) = number.digits.multipliedReportingOverflow(by: 10)
                let (sum, carried) = shifted.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
                guard !tooLong, !carried else { return nil }
                number.digits = sum
                digits += 1
                if isFraction { number.decimals += 1 }
            } else {
                break
            }
            next += 1
        }
        guard digits > 0 else { return nil }
        place = next
        return number
    }

    /// Whether a word stands at a place, which then moves behind it.
    public func take(_ word: String, _ place: inout Int) -> Bool {
        var next = place
        for byte in word.utf8 {
            guard next < count, self[next] == byte else { return false }
            next += 1
        }
        place = next
        return true
    }

    /// The place behind the next line's beginning, from `place` on, which may be indented; `nil` where there is none.
    public func after(_ beginning: String, from place: Int = 0) -> Int? {
        var line = place
        while line < count {
            var next = line
            if skipBlanks(&next), take(beginning, &next) { return next }
            line = endOfLine(line) + 1
        }
        return nil
    }

    /// The place of the line feed that ends the line at a place, or of the text's end.
    public func endOfLine(_ place: Int) -> Int {
        var end = place
        while end < count, self[end] != UInt8(ascii: "\n") { end += 1 }
        return end
    }

    /// Whether nothing but blanks follows on the line.
    public func isLineOver(_ place: Int) -> Bool {
        var next = place
        return !skipBlanks(&next)
    }
}
