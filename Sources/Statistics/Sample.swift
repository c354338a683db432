/// The arithmetic mean; `nil` of nothing.
public func mean(_ values: [Double]) -> Double? {
    guard let first = values.first else { return nil }
    // Around the first value, so that equal values have exactly that mean.
    return first + values.reduce(0) { $0 + ($1 - first) } / Double(values.count)
}

/// The variance of a sample, with n - 1 below; `nil` of fewer than two values.
public func variance(_ values: [Double]) -> Double? {
    guard values.count > 1, let center = mean(values) else { return nil }
    // The second term repairs the rounding of the mean (Chan, Golub and LeVeque 1983).
    let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    let drift = values.reduce(0) { $0 + ($1 - center) }
    return max(0, squares - drift * drift / Double(values.count)) / Double(values.count - 1)
}

/// The standard deviation of a sample; `nil` of fewer than two values.
public func standardDeviation(_ values: [Double]) -> Double? {
    variance(values)?.squareRoot()
}
