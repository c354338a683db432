private import Quantities

/// An instant as RFC 3339 writes it, with the offset that it was written in.
struct Instant: Hashable {
    /// Seconds since 1970 (UTC), fractions cut off.
    var seconds: Int64
    /// Seconds east of UTC.
    var offset: Int

    /// Why a text is no instant.
    enum Fault: Error {
        case noTime
        /// A date and a time of day, but of no known zone.
        case noOffset
    }

    /// Reads `2026-11-23T20:00:00+01:00`; seconds may be left out, and `Z` stands for UTC.
    init(_ text: String) throws(Fault) {
        let bytes = Array(text.utf8)
        func number(_ from: Int, _ count: Int) -> Int? {
            guard from + count <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[from..<(from + count)] {
                guard byte >= 48, byte <= 57 else { return nil }
                value = value * 10 + Int(byte) - 48
            }
            return value
        }
        func has(_ character: Unicode.Scalar, _ place: Int) -> Bool {
            place < bytes.count && bytes[place] == UInt8(ascii: character)
        }
        guard let year = number(0, 4), has("-", 4), let month = number(5, 2), has("-", 7), let day = number(8, 2),
            has("T", 10) || has("t", 10) || has(" ", 10), let hour = number(11, 2), has(":", 13),
            let minute = number(14, 2), (1...12).contains(month), hour < 24, minute < 60
        else { throw .noTime }
        let date = CivilDate(year: Int64(year), month: Int64(month), day: Int64(day))
        // A day that there is not comes back as another one.
        guard CivilDate(daysSince1970: date.daysSince1970) == date else { throw .noTime }
        var place = 16
        var second = 0
        if has(":", place) {
            guard let value = number(place + 1, 2), value <= 60 else { throw .noTime }
            second = value
            place += 3
            if has(".", place) {
                place += 1
                while number(place, 1) != nil { place += 1 }
            }
        }
        guard place < bytes.count else { throw .noOffset }
        if has("Z", place) || has("z", place) {
            offset = 0
            place += 1
        } else {
            guard has("+", place) || has("-", place), let hours = number(place + 1, 2), has(":", place + 3),
                let minutes = number(place + 4, 2), hours < 24, minutes < 60
            else { throw .noTime }
            offset = (hours * 60 + minutes) * 60 * (has("-", place) ? -1 : 1)
            place += 6
        }
        guard place == bytes.count else { throw .noTime }
        let clock = Int64(hour * 3600 + minute * 60 + second - offset)
        seconds = date.daysSince1970 * 86_400 + clock
    }
}

/// Seconds since 1970 (UTC) as `2026-11-23T20:00:00Z`.
public func rfc3339(_ seconds: Int64) -> String {
    let (days, over) = seconds.quotientAndRemainder(dividingBy: 86_400)
    let (day, rest) = over < 0 ? (days - 1, over + 86_400) : (days, over)
    let padded = { (number: Int64) in number < 10 ? "0\(number)" : "\(number)" }
    return
        "\(CivilDate(daysSince1970: day).text)T\(padded(rest / 3600)):\(padded(rest / 60 % 60)):\(padded(rest % 60))Z"
}

/// The seconds since 1970 (UTC) of an RFC 3339 instant; `nil` where the text is none.
public func rfc3339(seconds text: String) -> Int64? { (try? Instant(text))?.seconds }
