internal import Ledger
internal import Metering
internal import Quantities
private import RealModule
internal import Statistics

/// The p-value from which on drift and carry-over are told, small because every document tests for them.
private let clearP = 0.01
/// Fewer runs than this tell no order from chance.
private let fewestRuns = 10
/// Up to this many runs blocks are taken out of the test for carry-over; more make the fit costly.
private let mostRunsWithBlocks = 200
/// A change of a run's temperature beyond this is named, in degrees.
private let largestWarming = 5.0

/// What single runs, their order and their temperature say against the figures of arms, a sentence each.
///
/// Nothing is left out for it.
func orderWeaknesses(of arms: [[RunRecord]], carryingOver: Bool = false) -> [String] {
    let labelled = arms.enumerated().flatMap { index, runs in runs.map { (arm: index, run: $0) } }
        .sorted { order($0.run, $1.run) }
    let joules = labelled.compactMap { entry in entry.run.joules.flatMap { $0 > 0 ? Double.log($0) : nil } }
    let isWhole = joules.count == labelled.count
    var sentences = [apart(arms), warming(labelled.map(\.run))].compactMap(\.self)
    guard isWhole, joules.count >= fewestRuns else { return sentences }
    let groups = labelled.map(\.arm)
    if let change = drift(joules, at: joules.indices.map(Double.init), arms: groups), let p = change.pValue(),
        p < clearP
    {
        let rate = Double.exp(change.value) - 1
        sentences.append(
            "Joules \(rate < 0 ? "fell" : "rose") by \(percent(rate.magnitude, places: 2)) from run to run, apart from "
                + "the arms (\(chance(p))); arms that ran in random order share this drift."
        )
    }
    let blocks = labelled.compactMap(\.run.start.place?.block)
    let withBlocks = blocks.count == groups.count && blocks.count <= mostRunsWithBlocks
    if carryingOver, let test = carryOver(joules, arms: groups, blocks: withBlocks ? blocks : nil),
        test.distribution.denominator >= Double(fewestRuns / 2), test.pValue < clearP
    {
        sentences.append(
            "The arm of the run before moves the joules of the next (\(chance(test.pValue))); a longer cooldown between "
                + "runs would part them."
        )
    }
    return sentences
}

private func chance(_ p: Double) -> String { p < 0.001 ? "p < 0.001" : "p = \(decimal(p, places: 3))" }

/// Runs far from their own arm, by name.
///
/// With few runs the median deviation is itself uncertain: at the usual limit of 3.5 every fifth arm of five would
/// have such a run by chance, at 7 one of sixteen.
private func apart(_ arms: [[RunRecord]]) -> String? {
    let named = arms.flatMap { runs -> [String] in
        let limit = runs.count < 20 ? 7 : 3.5
        let slow = Set(far(runs, \.duration, limit))
        let hungry = Set(far(runs, \.joules, limit))
        return runs.indices.compactMap { index in
            switch (slow.contains(index), hungry.contains(index)) {
            case (true, true): "\(runs[index].id) (time, joules)"
            case (true, false): "\(runs[index].id) (time)"
            case (false, true): "\(runs[index].id) (joules)"
            case (false, false): nil
            }
        }
    }
    guard !named.isEmpty else { return nil }
    let more = named.count > 6 ? " and \(named.count - 6) more" : ""
    return
        "Far from the other runs of their arm, and kept in the figures: \(named.prefix(6).joined(separator: ", "))\(more)."
}

private func far(_ runs: [RunRecord], _ figure: (RunRecord) -> Double?, _ limit: Double) -> [Int] {
    let values = runs.compactMap(figure)
    return values.count == runs.count ? outliers(values, limit: limit) : []
}

/// Runs whose own readings of `temperature` moved, where the workload told any.
private func warming(_ runs: [RunRecord]) -> String? {
    let changes = runs.compactMap { run -> Double? in
        var readings: [(seconds: Double, degrees: Double)] = []
        for mark in run.end?.marks.marks ?? [] {
            guard case .metric(let metrics) = mark.event, let degrees = metrics["temperature"] else { continue }
            readings.append((Double(mark.time - run.start.start) * 1e-9, degrees))
        }
        let change = temperatureChange(readings.map(\.degrees), at: readings.map(\.seconds))
        return change.flatMap { $0.magnitude > largestWarming ? $0 : nil }
    }
    guard let most = changes.max(by: { $0.magnitude < $1.magnitude }) else { return nil }
    return "In \(changes.count) of \(runs.count) runs the temperature moved by more than "
        + "\(decimal(largestWarming, places: 0)) degrees, by \(decimal(most, places: 1)) at most: clock and leakage move "
        + "with it."
}
