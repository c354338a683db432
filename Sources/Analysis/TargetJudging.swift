public import Ledger
internal import Metering
internal import Quantities

/// Sets times and joules until the target side by side, each a family adjusted by Holm's procedure.
///
/// Only where every run of both sides reached it is there a ratio: those that did are the best of their arm.
func targets(of contrasts: [Contrast], comparable: [Bool]) -> [Comparison.Target?] {
    let reaches = contrasts.map { contrast in
        contrast.criteria.target.map { target in
            (baseline: TargetReach(contrast.baseline, target), candidate: TargetReach(contrast.candidate, target))
        }
    }
    let ratios = { (figure: @escaping (RunRecord, QualityTarget) -> Double?) in
        family(
            zip(contrasts, reaches).map { contrast, reach in
                guard let target = contrast.criteria.target, let reach, reach.baseline.isComplete,
                    reach.candidate.isComplete
                else { return nil }
                return contrast.ratio { figure($0, target) }.map(Evidence.init)
            }
        )
    }
    let times = ratios { $0.first(reaching: $1)?.seconds.value }
    let energies = ratios { $0.first(reaching: $1)?.joules?.value }
    return contrasts.indices.map { index in
        guard let target = contrasts[index].criteria.target, let reach = reaches[index] else { return nil }
        let hasJoules = reach.baseline.energy != nil && reach.candidate.energy != nil && comparable[index]
        return Comparison.Target(
            target: target,
            baseline: reach.baseline,
            candidate: reach.candidate,
            timeRatio: times[index]?.estimate,
            energyRatio: hasJoules ? energies[index]?.estimate : nil
        )
    }
}

extension Contrast {
    /// What it took to reach the target, or how many runs never did.
    func targetSentence(_ reach: Comparison.Target) -> String {
        let target = reach.target.words
        guard reach.candidate.reached + reach.baseline.reached > 0 else {
            let isKnown = (baseline + candidate).contains { run in
                run.end?.account.metrics?.contains { $0.metric == reach.target.metric } ?? false
            }
            return "No run of \(names.candidate) or \(names.baseline) "
                + (isKnown ? "reached \(target)" : "tells a metric \(reach.target.metric)")
                + ", so no ratio of time and energy to it is given."
        }
        guard let time = reach.timeRatio else {
            let counts = [(names.candidate, reach.candidate), (names.baseline, reach.baseline)].map { name, side in
                "\(side.reached) of \(side.runs) runs of \(name)"
            }
            let isAtOnce = reach.candidate.isComplete && reach.baseline.isComplete
            let why = isAtOnce ? "at once" : "not in all"
            return "\(target) was reached in \(counts.joined(separator: " and ")), \(why): no ratio of time and energy "
                + "to it is given."
        }
        let word = isModelled ? "modelled energy" : "energy"
        var text = "to \(target), \(names.candidate) took \(ratioText(time)) times the time of \(names.baseline)"
        text += time.low == nil ? "" : " (\(rangeText(time)))"
        guard let energy = reach.energyRatio else { return text + "; the \(word) to it cannot be compared." }
        text += " and \(ratioText(energy)) times its \(word)"
        return text + (energy.low == nil ? "; no interval can be given." : " (\(rangeText(energy))).")
    }
}

extension QualityTarget {
    /// The target in words, as `iou ≥ 0.75`.
    public var words: String { "\(metric) \(higherIsBetter ? "≥" : "≤") \(value)" }
}
