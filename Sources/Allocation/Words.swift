internal import Quantities

extension Amount {
    /// The figure with the digits that its interval supports, as `12.3`.
    var text: String { rounded(value) }

    /// The figure with its interval, as `12.3 (11.9 to 12.7)`.
    var withInterval: String {
        guard let low, let high, low < high else { return text }
        return "\(text) (\(rounded(low)) to \(rounded(high)))"
    }

    private func rounded(_ number: Double) -> String {
        guard let halfWidth, halfWidth > 0 else { return grouped(significant(number, digits: 4)) }
        guard halfWidth < 1000 else {
            var step = 1.0
            while step * 1000 <= halfWidth { step *= 10 }
            return grouped(decimal((number / step).rounded() * step, places: 0))
        }
        return grouped(decimal(number, places: min(supportedPlaces(uncertainty: halfWidth), placesOfSixDigits(number))))
    }
}

/// Nobody needs more than six digits, however little chance is seen.
private func placesOfSixDigits(_ number: Double) -> Int {
    var (rest, places) = (number.magnitude, 5)
    while rest >= 10, places > 0 { (rest, places) = (rest / 10, places - 1) }
    while rest < 1, places < 9 { (rest, places) = (rest * 10, places + 1) }
    return places
}

extension Amount? {
    var text: String { self?.text ?? "–" }
    var withInterval: String { self?.withInterval ?? "–" }
}

/// Digits in threes, as `1 234 567`, with no-break spaces.
func grouped(_ number: String) -> String {
    let sign = number.hasPrefix("-") ? "-" : ""
    let digits = number.dropFirst(sign.count)
    let whole = digits.prefix { $0 != "." }
    guard whole.count > 4, whole.allSatisfy(\.isNumber) else { return number }
    var groups: [Substring] = []
    var rest = whole
    while rest.count > 3 {
        groups.insert(rest.suffix(3), at: 0)
        rest = rest.dropLast(3)
    }
    return sign + ([rest] + groups).joined(separator: "\u{A0}") + digits.dropFirst(whole.count)
}

/// Bytes in thousands, as `2.5 TB`.
func bytes(_ count: Double) -> String {
    let units: [(String, Double)] = [("PB", 1e15), ("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]
    guard let (unit, size) = units.first(where: { count >= $0.1 }) else { return "\(significant(count)) B" }
    return "\(significant(count / size)) \(unit)"
}

/// A number as people write it, without zeros at its end: `10`, `0.25`.
func number(_ value: Double) -> String {
    let text = significant(value, digits: 4)
    guard text.contains(".") else { return text }
    let short = text.reversed().drop { $0 == "0" }
    return String((short.first == "." ? short.dropFirst() : short).reversed())
}
