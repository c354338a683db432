internal import Ledger
internal import Statistics

/// The arms that no other beats in mean time and energy, as indices from the fastest on; empty for fewer than three
/// arms, and where they must not be set against each other.
public func speedFront(of study: Study) -> [Int] {
    let byID = Dictionary(study.runs.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let runs = study.arms.flatMap { arm in arm.runIDs.compactMap { byID[$0] } }
    guard study.arms.count > 2, obstacles(to: runs).isEmpty, !hasSizes(study.experiment) else { return [] }
    let points = study.arms.map { [$0.duration.value, $0.energy?.value ?? .nan] }
    return paretoFront(points, directions: [.smaller, .smaller]).sorted { points[$0][0] < points[$1][0] }
}

/// Whether arms differ in the size of their work.
private func hasSizes(_ experiment: ExperimentRecord?) -> Bool {
    experiment.map { plan in plan.factors.contains { plan.baseline[$0.name] == nil && $0.isSize } } ?? false
}

/// Which arms no other arm beats in time, energy and, where a plan judges it, quality; `nil` for fewer than three arms.
///
/// The means are judged as they stand. Arms whose joules or work must not be set against each other have no front.
/// Sizes of the work, too, have none unless quality stands against them: the smallest would win by itself.
func frontSentence(_ arms: [ArmSummary], runs: [[RunRecord]], experiment: ExperimentRecord?) -> String? {
    guard arms.count > 2, obstacles(to: runs.flatMap(\.self)).isEmpty else { return nil }
    let metric = experiment?.quality.flatMap { criterion in
        arms.allSatisfy { $0.metrics[criterion.metric] != nil } ? criterion : nil
    }
    guard metric != nil || !hasSizes(experiment) else { return nil }
    var directions: [Direction] = [.smaller, .smaller]
    if let metric { directions.append(metric.higherIsBetter ? .larger : .smaller) }
    let points = arms.map { arm in
        [arm.duration.value, arm.energy?.value ?? .nan]
            + (metric.flatMap { arm.metrics[$0.metric].map { [$0.value] } } ?? [])
    }
    let front = paretoFront(points, directions: directions).map { arms[$0].label }
    guard let first = front.first else { return nil }
    let axes = metric.map { "time, energy and \($0.metric)" } ?? "time and energy"
    if front.count == 1 { return "By the means, \(first) is the best of all arms in \(axes)." }
    let all = front.count == arms.count
    let names = front.dropLast().joined(separator: "; ") + " and " + (front.last ?? "")
    return
        "By the means, \(all ? "every arm stands" : "\(names) stand") on the front of \(axes): no other arm is better "
        + "in one of these without being worse in another."
}
