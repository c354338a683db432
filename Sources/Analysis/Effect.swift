internal import Quantities
private import RealModule
internal import Statistics

extension Contrast {
    /// Whether the ratio of energy matters, by its adjusted interval; `nil` where the plan names no smallest saving.
    func relevance(of energy: Estimate?) -> EnergyRelevance? {
        guard let smallest = criteria.smallestRelevantSaving, let energy else { return nil }
        guard let low = energy.low, let high = energy.high else { return .undecided }
        switch Statistics.relevance(ofRatio: low...high, smallestSaving: smallest) {
        case .relevant: return .relevant
        case .negligible: return .negligible
        case .undecided: return .undecided
        }
    }

    /// The difference of log joules in standard deviations, with its interval at a level.
    func effectSize(alpha: Double) -> Comparison.Effect? {
        let (x, y) = logJoules
        // Of one degree of freedom the corrected effect is zero whatever the data.
        guard let effect = isPaired ? pairedEffectSize(x, y) : hedgesG(x, y), effect.value.isFinite,
            effect.degreesOfFreedom > 1
        else { return nil }
        let interval = effect.interval(alpha: alpha)
        return Comparison.Effect(
            value: effect.value,
            low: interval?.lowerBound,
            high: interval?.upperBound,
            kind: isPaired ? .pairedDz : .hedgesG
        )
    }

    /// Logarithms of the joules of candidate and baseline; empty where they are not all positive.
    var logJoules: (candidate: [Double], baseline: [Double]) {
        let (x, y) = values(\.joules)
        guard (x + y).allSatisfy({ $0 > 0 && $0.isFinite }) else { return ([], []) }
        return (x.map { .log($0) }, y.map { .log($0) })
    }

    /// What the plan's smallest relevant saving makes of the difference; `nil` where the plan names none.
    func relevanceSentence(_ comparison: Comparison) -> String? {
        guard let relevance = comparison.relevance, let smallest = criteria.smallestRelevantSaving else { return nil }
        let limit = "the \(chosenPercent(smallest)) that the plan calls relevant"
        let low = comparison.energySaved?.low ?? 0
        switch relevance {
        case .relevant:
            return "the \(low > 0 ? "saving" : "extra energy") is relevant: all of its interval lies beyond \(limit)."
        case .negligible: return "the difference in energy is negligible: all of its interval lies within \(limit)."
        case .undecided: return "whether the difference in energy reaches \(limit) is undecided."
        }
    }
}
