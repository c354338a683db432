/// The mean of figures that are independent of each other; `nil` of nothing.
///
/// Standard errors add in squares, with degrees of freedom by Satterthwaite; one figure without a standard error leaves
/// the mean without one. Source: Satterthwaite, Biometrics Bull. 2 (1946), 110-114.
public func mean(of figures: [Inference]) -> Inference? {
    guard let value = mean(figures.map(\.value)) else { return nil }
    let errors = figures.compactMap(\.standardError)
    let degrees = figures.compactMap(\.degreesOfFreedom)
    guard errors.count == figures.count, let largest = errors.max(), largest > 0 else { return Inference(value: value) }
    // Parts of the largest, so that no square overflows or vanishes.
    let parts = errors.map { ($0 / largest) * ($0 / largest) }
    let sum = parts.reduce(0, +)
    return Inference(
        value: value,
        standardError: largest * sum.squareRoot() / Double(figures.count),
        degreesOfFreedom: sum * sum / zip(parts, degrees).reduce(0) { $0 + $1.0 * $1.0 / $1.1 }
    )
}

/// The difference of two independent figures, `x` less `y`, with degrees of freedom by Satterthwaite.
public func difference(_ x: Inference, _ y: Inference) -> Inference {
    let negative = Inference(
        value: -y.value,
        standardError: y.standardError,
        degreesOfFreedom: y.degreesOfFreedom
    )
    let half = mean(of: [x, negative])
    return Inference(
        value: x.value - y.value,
        standardError: half?.standardError.map { 2 * $0 },
        degreesOfFreedom: half?.degreesOfFreedom
    )
}
