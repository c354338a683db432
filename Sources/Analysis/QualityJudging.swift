internal import Ledger
internal import Statistics

/// Judges the quality axis of all comparisons by one-sided non-inferiority, adjusted by Holm's procedure.
///
/// The test is at 2.5 %, so that it agrees with the two-sided 95 % interval that is shown: `kept` where the whole
/// interval lies within the margin, `lost` where it lies wholly beyond, else `notShown`.
func qualities(of contrasts: [Contrast]) -> [Comparison.Quality?] {
    let differences = contrasts.map { contrast in
        contrast.quality.flatMap { criterion in contrast.difference { $0.end?.metrics[criterion.metric] } }
    }
    let pValues = zip(contrasts, differences).map { contrast, difference -> Double? in
        guard let criterion = contrast.quality, let difference else { return nil }
        let better =
            criterion.higherIsBetter
            ? difference
            : Inference(
                value: -difference.value,
                standardError: difference.standardError,
                degreesOfFreedom: difference.degreesOfFreedom
            )
        return better.nonInferiorityP(margin: criterion.margin).map { min(1, 2 * $0) }
    }
    let decisions = holm(pValues)
    return contrasts.indices.map { index in
        let contrast = contrasts[index]
        guard let criterion = contrast.quality, let difference = differences[index] else { return nil }
        let values = contrast.values { $0.end?.metrics[criterion.metric] }
        guard let candidate = mean(values.candidate), let baseline = mean(values.baseline) else { return nil }
        let interval = difference.interval(alpha: decisions[index]?.alpha ?? 0.05)
        return Comparison.Quality(
            metric: criterion.metric,
            baseline: baseline,
            candidate: candidate,
            margin: criterion.margin,
            difference: Estimate(value: difference.value, low: interval?.lowerBound, high: interval?.upperBound),
            verdict: verdict(interval, criterion)
        )
    }
}

private func verdict(_ interval: ClosedRange<Double>?, _ criterion: QualityCriterion) -> QualityVerdict {
    guard let interval else { return .notShown }
    let worst = criterion.higherIsBetter ? interval.lowerBound : -interval.upperBound
    let best = criterion.higherIsBetter ? interval.upperBound : -interval.lowerBound
    if worst > -criterion.margin { return .kept }
    return best < -criterion.margin ? .lost : .notShown
}
