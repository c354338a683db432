/// An F test: the statistic, its degrees of freedom, and the probability of a larger one by chance.
public struct FTest: Sendable, Hashable {
    /// The ratio of mean squares: of the effect over that of the residuals.
    public var statistic: Double
    /// The distribution of the statistic where there is no effect.
    public var distribution: FDistribution
    /// The probability of so large a statistic where there is no effect.
    public var pValue: Double { distribution.upperTail(statistic) }
}

/// Whether the arm of the run before matters, beyond a run's own arm: carry-over.
///
/// `values` and `arms` are in the order of runs. The first run has no predecessor and is left out. `blocks`, where given,
/// are taken out as well; a predecessor may lie in the block before. `nil` where the counts differ, a value is not finite,
/// the order does not tell the predecessor apart from arm and block, no residual degree of freedom is left, or nothing
/// varies. Source: extra sum of squares, Draper and Smith, Applied Regression Analysis (1998), chapter 6.
public func carryOver(_ values: [Double], arms: [Int], blocks: [Int]? = nil) -> FTest? {
    guard values.count == arms.count, blocks.map({ $0.count == arms.count }) ?? true, values.count > 2,
        values.allSatisfy(\.isFinite), let center = mean(values)
    else { return nil }
    var space = OrthonormalSpace()
    var rest = values.dropFirst().map { $0 - center }
    let total = norm(rest)
    for factor in [Array(arms.dropFirst()), blocks.map { Array($0.dropFirst()) }].compactMap(\.self) {
        rest = space.extend(by: factor, removingFrom: rest)
    }
    let without = norm(rest)
    let dimensions = space.vectors.count
    rest = space.extend(by: Array(arms.dropLast()), removingFrom: rest)
    let residual = norm(rest)
    let effects = Double(space.vectors.count - dimensions)
    let freedom = Double(rest.count - space.vectors.count)
    guard effects > 0, freedom > 0, residual > total * 1e-13 else { return nil }
    // (without² - residual²)/residual², without squares that could overflow.
    let gain = (without / residual - 1) * (without / residual + 1)
    return FTest(
        statistic: max(0, gain) * freedom / effects,
        distribution: FDistribution(numerator: effects, denominator: freedom)
    )
}

/// An orthonormal basis that grows by the indicators of factors (Gram and Schmidt, done twice for accuracy).
private struct OrthonormalSpace {
    var vectors: [[Double]] = []

    /// Adds one indicator vector for each level, and returns `target` less its part in what was added.
    mutating func extend(by factor: [Int], removingFrom target: [Double]) -> [Double] {
        var target = target
        for level in Set(factor).sorted() {
            let indicator = factor.map { $0 == level ? 1.0 : 0 }
            let rest = vectors.reduce(vectors.reduce(indicator, without), without)
            let length = norm(rest)
            // A level that the others already tell leaves rounding only.
            guard length > 1e-9 * norm(indicator) else { continue }
            let vector = rest.map { $0 / length }
            vectors.append(vector)
            target = without(without(target, vector), vector)
        }
        return target
    }
}

private func without(_ vector: [Double], _ unit: [Double]) -> [Double] {
    let part = zip(vector, unit).reduce(0) { $0 + $1.0 * $1.1 }
    return zip(vector, unit).map { $0 - part * $1 }
}

/// The Euclidean length, scaled so that squares neither overflow nor vanish.
private func norm(_ vector: [Double]) -> Double {
    guard let largest = vector.map(\.magnitude).max(), largest > 0 else { return 0 }
    return largest * vector.reduce(0) { $0 + $1 / largest * ($1 / largest) }.squareRoot()
}
