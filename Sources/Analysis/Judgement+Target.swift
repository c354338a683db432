internal import Ledger
internal import Quantities

extension Judgement {
    /// A weakness where an interval is wider than the plan wanted; `nil` where the target is reached.
    func missedTarget(of until: ExperimentRecord.Until) -> Weakness? {
        let widths = [comparison.speedup, comparison.energyRatio].compactMap { estimate -> Double? in
            guard let estimate, let high = estimate.high, estimate.value > 0 else { return nil }
            return high / estimate.value - 1
        }
        guard let widest = widths.max(), widest > until.relativeHalfWidth * (1 + 1e-9) else { return nil }
        return Weakness(
            "\(contrast.subject): the half width is "
                + "\(percent(widest)) of the ratio, not the \(percent(until.relativeHalfWidth)) that the plan wants; "
                + "its maximum of repeats is too small.",
            .init(
                kind: .width(limit: until.relativeHalfWidth),
                subject: contrast.subject,
                value: widest,
                repeats: min(contrast.baseline.count, contrast.candidate.count)
            )
        )
    }
}
