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
            let minute = number(14, 2), (1...12).contains(month), hour < 24, minute < 60,
            (1...daysInMonth(year, month)).contains(day)
        else { throw .noTime }
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
        seconds = daysSince1970(year, month, day) * 86_400 + clock
    }
}

/// Seconds since 1970 (UTC) as `2026-11-23T20:00:00Z`.
public func rfc3339(_ seconds: Int64) -> String {
    let (days, rest) = (floored(seconds, 86_400), seconds - floored(seconds, 86_400) * 86_400)
    let (year, month, day) = date(days)
    let padded = { (number: Int64, count: Int) in
        String(repeating: "0", count: max(0, count - "\(number)".count)) + "\(number)"
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
        + "\(padded(rest / 3600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))Z"
}

private func floored(_ a: Int64, _ b: Int64) -> Int64 { a >= 0 ? a / b : -((-a + b - 1) / b) }

private func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

private func daysInMonth(_ year: Int, _ month: Int) -> Int {
    [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
}

/// Days of the proleptic Gregorian calendar, counted in years that begin with March, so that a leap day ends one.
private func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
    let y = Int64(month <= 2 ? year - 1 : year)
    let era = floored(y, 400)
    let yearOfEra = y - era * 400
    let dayOfYear = Int64((153 * ((month + 9) % 12) + 2) / 5 + day - 1)
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

private func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = floored(shifted, 146_097)
    let day = shifted - era * 146_097
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
    let ofYear = day - (365 * year + year / 4 - year / 100)
    let month = (5 * ofYear + 2) / 153
    return (
        year + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9, ofYear - (153 * month + 2) / 5 + 1
    )
}

/// The seconds since 1970 (UTC) of an RFC 3339 instant; `nil` where the text is none.
public func rfc3339(seconds text: String) -> Int64? { (try? Instant(text))?.seconds }
