internal import Ledger
internal import Statistics

/// Judges the quality axis of all comparisons by one-sided non-inferiority, adjusted by Holm's procedure.
///
/// The test is at 2.5 %, so that it agrees with the two-sided 95 % interval that is shown: `kept` where the whole
/// interval lies within the margin, `lost` where it lies wholly beyond, else `notShown`. Where every difference is the
/// same there is nothing to test: the difference itself is judged.
func qualities(of contrasts: [Contrast]) -> [Comparison.Quality?] {
    let differences = contrasts.map { contrast in
        contrast.criteria.quality.flatMap { criterion in contrast.difference { $0.end?.metrics[criterion.metric] } }
    }
    let pValues = zip(contrasts, differences).map { contrast, difference -> Double? in
        guard let criterion = contrast.criteria.quality, let difference else { return nil }
        return criterion.gain(difference).nonInferiorityP(margin: criterion.margin).map { min(1, 2 * $0) }
    }
    let decisions = holm(pValues)
    return contrasts.indices.map { index in
        let contrast = contrasts[index]
        guard let criterion = contrast.criteria.quality, let difference = differences[index] else { return nil }
        let values = contrast.values { $0.end?.metrics[criterion.metric] }
        guard let candidate = mean(values.candidate), let baseline = mean(values.baseline) else { return nil }
        let alpha = decisions[index]?.alpha ?? 0.05
        let interval = difference.interval(alpha: alpha)
        let isDeterministic = interval == nil && min(values.candidate.count, values.baseline.count) > 1
        var quality = Comparison.Quality(
            metric: criterion.metric,
            baseline: baseline,
            candidate: candidate,
            margin: criterion.margin,
            difference: Estimate(value: difference.value, low: interval?.lowerBound, high: interval?.upperBound),
            verdict: verdict(interval ?? (isDeterministic ? difference.value...difference.value : nil), criterion),
            isDeterministic: isDeterministic
        )
        if quality.verdict == .notShown {
            quality.power = difference.nonInferiorityPower(margin: criterion.margin, alpha: alpha / 2)
            quality.repeatsForPower = contrast.spread(values.candidate, values.baseline).flatMap {
                requiredPairs(
                    standardDeviation: $0,
                    nonInferiorityMargin: criterion.margin,
                    power: 0.8,
                    alpha: alpha / 2
                )
            }
        }
        return quality
    }
}

extension QualityCriterion {
    /// A difference, candidate minus baseline, turned so that more is better.
    fileprivate func gain(_ difference: Inference) -> Inference {
        guard !higherIsBetter else { return difference }
        return Inference(
            value: -difference.value,
            standardError: difference.standardError,
            degreesOfFreedom: difference.degreesOfFreedom
        )
    }
}

extension Contrast {
    /// The standard deviation of the difference that one pair (else one repeat of both arms) gives.
    func spread(_ x: [Double], _ y: [Double]) -> Double? {
        guard !isPaired else { return standardDeviation(zip(x, y).map { $0 - $1 }) }
        return variance(x).flatMap { a in variance(y).map { (a + $0).squareRoot() } }
    }
}

private func verdict(_ interval: ClosedRange<Double>?, _ criterion: QualityCriterion) -> QualityVerdict {
    guard let interval else { return .notShown }
    let worst = criterion.higherIsBetter ? interval.lowerBound : -interval.upperBound
    let best = criterion.higherIsBetter ? interval.upperBound : -interval.lowerBound
    if worst > -criterion.margin { return .kept }
    return best < -criterion.margin ? .lost : .notShown
}
