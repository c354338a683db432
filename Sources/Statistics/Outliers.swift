private import RealModule

/// The modified z-scores of positive values, on their logarithms; `nil` where they can tell nothing.
///
/// 0.6745 (x - median)/MAD, with MAD the median absolute deviation. `nil` of fewer than five values, of a value that is
/// not positive and finite, and where more than half of the values are tied, so that MAD is zero.
/// Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993), chapter 3.
public func modifiedZScores(_ values: [Double]) -> [Double]? {
    guard values.count >= 5, let logs = logarithms(values) else { return nil }
    let center = median(logs)
    let deviation = median(logs.map { ($0 - center).magnitude })
    guard deviation > roundingOfLogarithms else { return nil }
    // 0.6745 is the upper quartile of the normal distribution: it makes MAD a standard deviation.
    return logs.map { 0.6745 * ($0 - center) / deviation }
}

/// The indices of values that stand apart: a modified z-score beyond `limit`, 3.5 by Iglewicz and Hoaglin.
///
/// They are to be shown and looked into; no estimate here leaves them out. Empty where nothing can be told.
public func outliers(_ values: [Double], limit: Double = 3.5) -> [Int] {
    guard let scores = modifiedZScores(values) else { return [] }
    return scores.indices.filter { scores[$0].magnitude > limit }
}

/// The median of at least one value.
private func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}
