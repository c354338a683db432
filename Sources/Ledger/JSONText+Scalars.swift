import Foundation

extension JSONText {
    /// The text of a string; `nil` where an escape is none.
    func string(_ index: Int) -> String? {
        let text = bytes[range(index)]
        return nodes[index].isEscaped ? unescaped(text) : String(decoding: text, as: UTF8.self)
    }

    /// A number, or a word that stands for one; `nil` where it is neither.
    func number(_ index: Int) -> Double? {
        switch nodes[index].kind {
        case .number:
            return short(range(index)) ?? Double(String(decoding: bytes[range(index)], as: UTF8.self))
        case .string:
            switch string(index) {
            case "inf": return .infinity
            case "-inf": return -.infinity
            case "nan": return .nan
            default: return nil
            }
        default: return nil
        }
    }

    /// A number of at most 15 digits and a small exponent, which one division of exact numbers gives without error
    /// (Clinger, PLDI 1990).
    private func short(_ range: Range<Int>) -> Double? {
        var (mantissa, decimals, digits): (Int64, Int, Int) = (0, 0, 0)
        var (isNegative, isPastPoint) = (false, false)
        for index in range {
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                mantissa = mantissa * 10 + Int64(bytes[index] - UInt8(ascii: "0"))
                digits += 1
                if isPastPoint { decimals += 1 }
                guard digits <= 15 else { return nil }
            case UInt8(ascii: "."):
                guard !isPastPoint, digits > 0 else { return nil }
                isPastPoint = true
            case UInt8(ascii: "-"):
                guard index == range.lowerBound else { return nil }
                isNegative = true
            default: return nil
            }
        }
        guard digits > 0, !isPastPoint || decimals > 0 else { return nil }
        let value = Double(mantissa) / Self.powers[decimals]
        return isNegative ? -value : value
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    /// A whole number, however it is written; `nil` where it is none or does not fit.
    func integer<Value: FixedWidthInteger>(_ index: Int) -> Value? {
        let range = range(index)
        var value: Value = 0
        let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
        for place in isNegative ? range.dropFirst() : range {
            let digit = bytes[place] &- UInt8(ascii: "0")
            guard digit < 10 else { return number(index).flatMap { Value(exactly: $0) } }
            let (tens, a) = value.multipliedReportingOverflow(by: 10)
            let (sum, b) =
                isNegative
                ? tens.subtractingReportingOverflow(Value(digit)) : tens.addingReportingOverflow(Value(digit))
            guard !a, !b else { return nil }
            value = sum
        }
        return isNegative && range.count == 1 ? nil : value
    }

    /// Escapes are rare: they are left to Foundation.
    private func unescaped(_ text: ArraySlice<UInt8>) -> String? {
        try? JSONDecoder().decode(String.self, from: Data([UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")]))
    }
}
