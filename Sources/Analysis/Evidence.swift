internal import Ledger
internal import Metering
internal import Statistics

/// A ratio with what its interval at any level rests on.
struct Evidence {
    var value: Double
    /// The two-sided p-value against a ratio of 1; `nil` where the data allow none.
    var pValue: Double?
    /// The interval at a level, by the same method as the p-value.
    var interval: (_ alpha: Double) -> ClosedRange<Double>?

    /// A ratio whose logarithm follows Student's t.
    init(_ ratio: RatioInference) {
        value = ratio.value
        pValue = ratio.pValue
        interval = { ratio.interval(alpha: $0) }
    }

    /// A ratio whose data were drawn again.
    init(_ ratio: BootstrapRatio) {
        value = ratio.value
        pValue = ratio.pValue()
        interval = { ratio.interval(alpha: $0) }
    }
}

extension Contrast {
    /// Baseline time over candidate time.
    var speedup: Evidence? {
        let (candidate, baseline) = values(\.duration)
        return evidence(baseline, candidate)
    }

    /// Candidate joules over baseline joules.
    var energy: Evidence? {
        let (candidate, baseline) = values(\.joules)
        return evidence(candidate, baseline)
    }

    /// The ratio of `x` to `y`; a bootstrap that tells nothing, as of runs that do not vary, leaves the value alone.
    private func evidence(_ x: [Double], _ y: [Double]) -> Evidence? {
        guard criteria.intervals == .bootstrap else { return ratio(x, y).map(Evidence.init) }
        let draws = isPaired ? bootstrapPairedRatio(x, y) : bootstrapRatio(x, y)
        return draws.map(Evidence.init) ?? ratio(x, y).map(Evidence.init)
    }
}

/// A figure of one comparison after the adjustment of its family.
struct Judged {
    var estimate: Estimate
    /// The level of its interval.
    var alpha: Double
}

/// Adjusts the ratios of one figure over all comparisons of a document.
func family(_ ratios: [Evidence?]) -> [Judged?] {
    let decisions = holm(ratios.map { $0?.pValue })
    return zip(ratios, decisions).map { ratio, decision in
        ratio.map { ratio in
            let alpha = decision?.alpha ?? 0.05
            let interval = ratio.interval(alpha)
            let estimate = Estimate(
                value: ratio.value,
                low: interval?.lowerBound,
                high: interval?.upperBound,
                p: decision?.adjustedP
            )
            return Judged(estimate: estimate, alpha: alpha)
        }
    }
}
