extension Inference {
    /// How probably a one-sided non-inferiority test at `margin` shows what is so, with a figure as sure as this one.
    ///
    /// The true value is `truth`; at 0, no difference, a low power says that "not shown" means little. The level is
    /// half of a two-sided 5 %, that of ``nonInferiorityP(margin:)`` beside a 95 % interval. `nil` without a standard
    /// error. Source: the noncentral t distribution; Julious, Stat. Med. 23 (2004), 1921-1986.
    public func nonInferiorityPower(margin: Double, truth: Double = 0, alpha: Double = 0.025) -> Double? {
        guard let standardError, let degreesOfFreedom else { return nil }
        return oneSidedPower(
            noncentrality: (truth + margin) / standardError,
            degreesOfFreedom: degreesOfFreedom,
            alpha: alpha
        )
    }

    /// How probably a two-sided t test shows a true difference of `difference`, with a figure as sure as this one.
    ///
    /// For a ratio it is the logarithm's. `nil` without a standard error.
    public func power(toShow difference: Double, alpha: Double = 0.05) -> Double? {
        guard let standardError, let degreesOfFreedom else { return nil }
        let delta = difference.magnitude / standardError
        guard
            let right = oneSidedPower(noncentrality: delta, degreesOfFreedom: degreesOfFreedom, alpha: alpha / 2),
            let wrong = oneSidedPower(noncentrality: -delta, degreesOfFreedom: degreesOfFreedom, alpha: alpha / 2)
        else { return nil }
        return min(1, right + wrong)
    }
}

/// The probability that t, of a true `noncentrality`, exceeds its one-sided limit.
private func oneSidedPower(noncentrality: Double, degreesOfFreedom: Double, alpha: Double) -> Double? {
    guard alpha > 0, alpha < 1, !noncentrality.isNaN else { return nil }
    let limit = StudentT(degreesOfFreedom: degreesOfFreedom).upperQuantile(alpha)
    guard limit.isFinite else { return nil }
    // Beyond 1,000 only the noncentrality over the limit matters, as the normal value's own spread no longer does.
    let scale = min(1, 1000 / noncentrality.magnitude)
    let delta = noncentrality.isFinite ? noncentrality * scale : (noncentrality > 0 ? 1000 : -1000)
    return NoncentralT(degreesOfFreedom: degreesOfFreedom, noncentrality: delta).upperTail(limit * scale)
}

/// The smallest number of pairs whose t interval is expected to have the half width `halfWidth`.
///
/// `standardDeviation` is that of the differences. It is a forecast: an interval of guaranteed width comes of
/// ``steinCount(firstStage:halfWidth:alpha:)``. `nil` where an argument is not positive, or over 10⁹ are needed.
public func requiredPairs(standardDeviation: Double, halfWidth: Double, alpha: Double = 0.05) -> Int? {
    guard standardDeviation > 0, halfWidth > 0, alpha > 0, alpha < 1 else { return nil }
    return smallestCount { count in
        let t = StudentT(degreesOfFreedom: count - 1).upperQuantile(alpha / 2)
        return t * (standardDeviation / halfWidth) <= count.squareRoot()
    }
}

/// The smallest number of repeats an arm whose Welch interval is expected to have the half width `halfWidth`.
///
/// Both arms have that many; the standard deviations are theirs, of logarithms for a ratio. `nil` as of pairs.
public func requiredRepeats(
    standardDeviations: (x: Double, y: Double),
    halfWidth: Double,
    alpha: Double = 0.05
) -> Int? {
    let larger = max(standardDeviations.x, standardDeviations.y)
    let smaller = min(standardDeviations.x, standardDeviations.y)
    guard smaller >= 0, larger > 0, larger.isFinite, halfWidth > 0, alpha > 0, alpha < 1 else { return nil }
    // Welch's degrees of freedom for equal counts: (n - 1) (x² + y²)² / (x⁴ + y⁴).
    let share = smaller / larger * (smaller / larger)
    let factor = (1 + share) * (1 + share) / (1 + share * share)
    return smallestCount { count in
        let t = StudentT(degreesOfFreedom: (count - 1) * factor).upperQuantile(alpha / 2)
        return t * (larger / halfWidth) * (1 + share).squareRoot() <= count.squareRoot()
    }
}

/// The smallest number of pairs whose non-inferiority test has the wanted power at no true difference.
///
/// `nil` where an argument is not positive, the power is not below 1, or over 10⁹ pairs are needed.
public func requiredPairs(
    standardDeviation: Double,
    nonInferiorityMargin margin: Double,
    power: Double,
    alpha: Double = 0.025
) -> Int? {
    guard standardDeviation > 0, margin > 0, power > 0, power < 1, alpha > 0, alpha < 1 else { return nil }
    return smallestCount { count in
        let figure = Inference(
            value: 0,
            standardError: standardDeviation / count.squareRoot(),
            degreesOfFreedom: count - 1
        )
        return figure.nonInferiorityPower(margin: margin, alpha: alpha).map { $0 >= power } ?? false
    }
}

/// The smallest number of pairs whose two-sided test shows a true `difference` with the wanted power; `nil` as above.
public func requiredPairs(
    standardDeviation: Double,
    difference: Double,
    power: Double,
    alpha: Double = 0.05
) -> Int? {
    guard standardDeviation > 0, difference != 0, power > 0, power < 1, alpha > 0, alpha < 1 else { return nil }
    return smallestCount { count in
        let figure = Inference(
            value: 0,
            standardError: standardDeviation / count.squareRoot(),
            degreesOfFreedom: count - 1
        )
        return figure.power(toShow: difference, alpha: alpha).map { $0 >= power } ?? false
    }
}

/// The smallest count from 2 to 10⁹ from which on a condition holds, found by doubling and halving.
private func smallestCount(where holds: (Double) -> Bool) -> Int? {
    var low = 1
    var high = 2
    while !holds(Double(high)) {
        guard high < 1_000_000_000 else { return nil }
        low = high
        high = min(1_000_000_000, 2 * high)
    }
    while high - low > 1 {
        let middle = (low + high) / 2
        if holds(Double(middle)) { high = middle } else { low = middle }
    }
    return high
}
