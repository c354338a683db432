import Quantities

/// Writes microseconds since 1970 as UTC, as `2026-11-23T20:18:26.123456Z`.
public func timestamp(microseconds: Int64) -> String {
    let day: Int64 = 86_400_000_000
    let inDay = ((microseconds % day) + day) % day
    let (seconds, fraction) = inDay.quotientAndRemainder(dividingBy: 1_000_000)
    let time = "\(padded(seconds / 3600)):\(padded(seconds / 60 % 60)):\(padded(seconds % 60))"
    return "\(CivilDate(microseconds: microseconds).text)T\(time).\(padded(fraction, to: 6))Z"
}

/// Writes microseconds since 1970 for people, as `2026-11-23 20:18 UTC`.
func dateAndTime(microseconds: Int64) -> String {
    let text = timestamp(microseconds: microseconds)
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
}

private func padded(_ number: Int64, to width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
