public import Ledger
internal import Metering

/// Studies plain runs: they are grouped by name (runs of one experiment by their levels).
///
/// Exactly two groups are compared as independent samples, the one that ran first as the baseline; of other
/// numbers each group is summed up and nothing is compared.
/// - Parameter intervals: What the intervals of time and energy rest on.
/// - Throws: Where no run counts.
public func study(runs: [RunRecord], title: String, intervals: IntervalMethod = .t) throws -> Study {
    let runs = runs.sorted(by: order)
    var labels: [String] = []
    var groups: [String: [RunRecord]] = [:]
    for run in runs where run.start.role == .measurement {
        let label = groupLabel(run)
        if groups[label] == nil { labels.append(label) }
        groups[label, default: []].append(run)
    }
    let candidates = labels.filter { !counting(groups[$0] ?? []).runs.isEmpty }
    let compares = candidates.count == 2
    let idle = idlePower(of: runs)
    let arms = candidates.compactMap { label in
        let group = groups[label] ?? []
        return summary(
            of: group,
            label: label,
            levels: group.first?.start.place?.levels ?? [:],
            isBaseline: compares && label == candidates.first,
            idle: idle
        )
    }
    guard !arms.isEmpty else { throw AnalysisError.noFinishedRun(of: title) }
    var contrasts: [Contrast] = []
    if compares {
        contrasts.append(
            try Contrast(
                baseline: groups[candidates[0]] ?? [],
                candidate: groups[candidates[1]] ?? [],
                labels: (candidates[0], candidates[1]),
                paired: false,
                criteria: Criteria(intervals: intervals),
                idle: idle
            )
        )
    }
    return assemble(
        title: title,
        experiment: nil,
        arms: arms,
        judgements: judge(contrasts),
        scaling: [],
        warnings: [],
        runs: runs
    )
}

private func groupLabel(_ run: RunRecord) -> String {
    if let levels = run.start.place?.levels, !levels.isEmpty {
        return levels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    }
    if !run.start.name.isEmpty { return run.start.name }
    return run.start.command.joined(separator: " ")
}
