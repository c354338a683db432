/// Nanoseconds of a span of time as people type it: `500us`, `100ms`, `2s`, `1m`, `1h`; `nil` where it is none.
public func nanoseconds(_ text: String) -> Int64? {
    let units: [(String, Double)] = [("ms", 1e6), ("us", 1e3), ("µs", 1e3), ("s", 1e9), ("m", 60e9), ("h", 3600e9)]
    guard let (suffix, factor) = units.first(where: { text.hasSuffix($0.0) }),
        let number = Double(text.dropLast(suffix.count)), number.isFinite, number >= 0, number * factor < 9e18
    else { return nil }
    return Int64((number * factor).rounded())
}
