internal import Quantities

/// The answer of a study in one sentence for people.
func verdictSentence(_ judgements: [Judgement], arms: [ArmSummary], isModelled: Bool) -> String {
    let word = isModelled ? "modelled, not measured" : nil
    if judgements.isEmpty { return summarySentence(arms, word: word) }
    if judgements.count <= 2 {
        let text = judgements.map(clause).joined(separator: "; ") + (word.map { " (joules are \($0))" } ?? "") + "."
        // A name keeps the letters that it has.
        let isName = text.hasPrefix(judgements[0].contrast.names.candidate)
        return isName ? text : text.prefix(1).uppercased() + text.dropFirst()
    }
    let kinds: [(EnergyVerdict, isSingle: Bool, one: String, many: String)] = [
        (.savesEnergy, false, "saves energy", "save energy"), (.costsEnergy, false, "costs energy", "cost energy"),
        (.noDifferenceShown, false, "shows no difference", "show no difference"),
        (.noDifferenceShown, true, "of one run a side can show nothing", "of one run a side can show nothing"),
        (.dependsOnIdle, false, "depends on idle power", "depend on idle power"),
        (.notComparable, false, "is not comparable", "are not comparable"),
    ]
    let counts = kinds.compactMap { verdict, isSingle, one, many -> String? in
        let count = judgements.count {
            $0.comparison.verdict == verdict && (verdict != .noDifferenceShown || $0.comparison.isSingle == isSingle)
        }
        return count > 0 ? "\(count) \(count == 1 ? one : many)" : nil
    }
    return "Of \(judgements.count) comparisons \(counts.joined(separator: ", "))"
        + (word.map { " (joules are \($0))" } ?? "") + "."
}

/// When a candidate saves whose whole energy and energy above idle lie on different sides of the baseline's.
func condition(ofSaving gross: Estimate) -> String {
    gross.value < 1 ? "the node is released sooner" : "idle power is paid anyway"
}

private func clause(_ judgement: Judgement) -> String {
    let comparison = judgement.comparison
    let names = judgement.contrast.names
    let place = judgement.contrast.context.map { "at \($0) " } ?? ""
    let speed = "runs \(ratioText(comparison.speedup)) times as fast"
    switch comparison.verdict {
    case .savesEnergy:
        let fraction = comparison.energySaved
        let bounds = percentRange(fraction?.low, fraction?.high)
        let size = percent(fraction?.fraction ?? .nan, places: percentPlaces(fraction?.low, fraction?.high))
        return "\(place)\(names.candidate) saves \(size) of the energy of \(names.baseline) (\(bounds)) and \(speed)"
            + quality(comparison)
    case .costsEnergy:
        let fraction = comparison.energySaved
        let bounds = percentRange(fraction?.high.map(-), fraction?.low.map(-))
        let size = percent(-(fraction?.fraction ?? .nan), places: percentPlaces(fraction?.low, fraction?.high))
        return "\(place)\(names.candidate) costs \(size) more energy than \(names.baseline) (\(bounds)) and \(speed)"
            + quality(comparison)
    case .noDifferenceShown:
        let text = "\(place)no difference in energy between \(names.candidate) and \(names.baseline) is shown"
        let (runs, others) = (comparison.baseline.runs, comparison.candidate.runs)
        return text
            + (comparison.isSingle
                ? ": one run \(runs == others ? "a" : "on a") side can show nothing; repeat" : quality(comparison))
    case .dependsOnIdle:
        let condition = comparison.energyRatio.map(condition(ofSaving:)) ?? ""
        return "\(place)\(names.candidate) saves energy against \(names.baseline) only if \(condition)"
            + quality(comparison)
    case .notComparable:
        return "\(place)\(names.candidate) and \(names.baseline) are not comparable"
    }
}

private func quality(_ comparison: Comparison) -> String {
    guard let quality = comparison.quality else { return "" }
    switch quality.verdict {
    case .kept: return ", and keeps \(quality.metric)"
    case .lost: return ", but loses \(quality.metric)"
    case .notShown: return "; that it keeps \(quality.metric) is not shown"
    }
}

private func summarySentence(_ arms: [ArmSummary], word: String?) -> String {
    guard arms.count == 1, let arm = arms.first else {
        return "\(arms.count) arms are summed up and none is compared: there is no baseline."
    }
    let time = duration(Seconds(arm.duration.value))
    guard let energy = arm.energy else { return "\(arm.label) took \(time); no sensor gave joules." }
    let joules = Joules(energy.value).formatted(uncertainty: arm.energyUncertainty.map { Joules($0) })
    let mean = arm.runIDs.count > 1 ? " on average over \(arm.runIDs.count) runs" : ""
    return "\(arm.label) took \(time) and \(joules)\(word.map { " (\($0))" } ?? "")\(mean)."
}
