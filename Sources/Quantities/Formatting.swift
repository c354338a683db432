// Numbers for people. Nothing here asks the locale: a decimal point is a point everywhere.

private import RealModule

/// Writes `value` with a fixed number of decimals, as `12.30`; `–` where it is not finite.
public func decimal(_ value: Double, places: Int) -> String {
    guard value.isFinite else { return "–" }
    let places = max(0, places)
    let scale = Double.pow(10, Double(places))
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 9e18 else { return "\(value)" }
    let digits = String(UInt64(scaled))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return sign + digits }
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    return sign + padded.dropLast(places) + "." + padded.suffix(places)
}

/// Writes `value` with a number of significant digits, as `0.0123` or `1230`.
public func significant(_ value: Double, digits: Int = 3) -> String {
    guard value.isFinite else { return "–" }
    guard value != 0 else { return "0" }
    let exponent = order(of: value, digits: digits)
    let places = digits - 1 - exponent
    guard places < 0 else { return decimal(value, places: places) }
    let step = Double.pow(10, Double(-places))
    return decimal((value / step).rounded() * step, places: 0)
}

/// The power of ten of the first digit after rounding to `digits`, so that 9.996 counts as 10.00.
private func order(of value: Double, digits: Int) -> Int {
    let exponent = Int(Double.log10(value.magnitude).rounded(.down))
    let rounded = (value.magnitude / Double.pow(10, Double(exponent - digits + 1))).rounded()
    return rounded >= Double.pow(10, Double(digits)) ? exponent + 1 : exponent
}

/// Decimals that an uncertainty supports: its first two significant digits are kept.
public func supportedPlaces(uncertainty: Double) -> Int {
    guard uncertainty.isFinite, uncertainty > 0 else { return 3 }
    return max(0, 1 - order(of: uncertainty, digits: 2))
}

/// Writes a fraction as a percentage with one decimal, as `39.1 %`.
public func percent(_ fraction: Double, places: Int = 1) -> String {
    decimal(fraction * 100, places: places) + " %"
}

/// Writes a time as people say it: `840 ms`, `12.3 s`, `4 min 05 s`, `2 h 03 min`.
public func duration(_ time: Seconds) -> String {
    let seconds = time.value
    guard seconds.isFinite else { return "–" }
    if seconds.magnitude < 0.9995 { return significant(seconds * 1000) + " ms" }
    if seconds.magnitude < 59.95 { return significant(seconds) + " s" }
    let whole = Int(seconds.rounded())
    let pad = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
    if whole < 3600 { return "\(whole / 60) min \(pad(whole % 60)) s" }
    return "\(whole / 3600) h \(pad(whole % 3600 / 60)) min"
}

extension Quantity {
    /// Writes the quantity with an SI prefix and the digits that the expanded uncertainty supports, as `617 ± 38 J`.
    public func formatted(uncertainty: Self? = nil) -> String {
        guard value.isFinite else { return "–" }
        let prefix = SIPrefix.fitting(max(value.magnitude, uncertainty?.value.magnitude ?? 0))
        let unit = prefix.symbol + D.symbol
        guard let uncertainty, uncertainty.value.isFinite, uncertainty.value > 0 else {
            return "\(significant(value / prefix.factor)) \(unit)"
        }
        let scaled = uncertainty.value / prefix.factor
        let places = supportedPlaces(uncertainty: scaled)
        return "\(decimal(value / prefix.factor, places: places)) ± \(decimal(scaled, places: places)) \(unit)"
    }
}

private struct SIPrefix {
    var symbol: String
    var factor: Double

    private static let all = [
        SIPrefix(symbol: "G", factor: 1e9), SIPrefix(symbol: "M", factor: 1e6), SIPrefix(symbol: "k", factor: 1e3),
        SIPrefix(symbol: "", factor: 1), SIPrefix(symbol: "m", factor: 1e-3), SIPrefix(symbol: "µ", factor: 1e-6),
        SIPrefix(symbol: "n", factor: 1e-9), SIPrefix(symbol: "p", factor: 1e-12),
    ]

    static func fitting(_ magnitude: Double) -> SIPrefix {
        guard magnitude > 0 else { return SIPrefix(symbol: "", factor: 1) }
        return all.first { magnitude >= $0.factor * 0.9995 } ?? SIPrefix(symbol: "p", factor: 1e-12)
    }
}
