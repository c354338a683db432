import Quantities

/// Writes microseconds since 1970 as UTC, as `2026-11-23T20:18:26.123456Z`.
public func timestamp(microseconds: Int64) -> String {
    let (days, inDay) = floorDivided(microseconds, by: 86_400_000_000)
    let date = civil(daysSince1970: days)
    let (seconds, fraction) = floorDivided(inDay, by: 1_000_000)
    let time = "\(padded(seconds / 3600)):\(padded(seconds / 60 % 60)):\(padded(seconds % 60))"
    return "\(date)T\(time).\(padded(fraction, to: 6))Z"
}

/// Writes microseconds since 1970 for people, as `2026-11-23 20:18 UTC`.
func dateAndTime(microseconds: Int64) -> String {
    let text = timestamp(microseconds: microseconds)
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
}

/// The date of the Gregorian calendar, counted in years that begin in March so that a leap day ends its year.
private func civil(daysSince1970 days: Int64) -> String {
    // 719 468 days lie between 0000-03-01 and 1970-01-01; an era of 400 years has 146 097.
    let (era, dayOfEra) = floorDivided(days + 719_468, by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    // From March on the months' lengths repeat as 153 days in five months.
    let shifted = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shifted + 2) / 5 + 1
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return "\(padded(year, to: 4))-\(padded(month))-\(padded(day))"
}

private func floorDivided(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}

private func padded(_ number: Int64, to width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
