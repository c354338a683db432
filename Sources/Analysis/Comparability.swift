internal import Ledger
internal import Metering
internal import Quantities

/// Counts of images that differ by more than this fraction, from each other or from what the units say, are different work.
let equalWork = 0.01

/// Why joules of these runs must not be set against each other, a sentence each; empty where they may.
///
/// Joules of an image may, whatever the number of images.
func obstacles(to runs: [RunRecord], perImage: Bool = false) -> [String] {
    var reasons = [differentMachines(runs)].compactMap(\.self)
    let totals = runs.compactMap { $0.end?.account.total }.filter { $0.joules != nil }
    if totals.isEmpty { reasons.append("no run has joules") }
    let bases = Set(totals.map(\.basis.rawValue))
    if bases.count > 1 { reasons.append("the joules have different bases: \(list(bases))") }
    let coverages = Set(totals.map { $0.coverage.sorted().joined(separator: " + ") })
    if coverages.count > 1 { reasons.append("the totals cover different sensors: \(list(coverages))") }
    return reasons + [perImage ? nil : differentWork(runs)].compactMap(\.self)
}

/// Why times of these runs must not be set against each other, a sentence each; empty where they may.
func obstaclesToTimes(of runs: [RunRecord], perImage: Bool) -> [String] {
    [differentMachines(runs), perImage ? nil : differentWork(runs)].compactMap(\.self)
}

private func differentMachines(_ runs: [RunRecord]) -> String? {
    let machines = Set(runs.map { "\($0.start.host.name) (\($0.start.host.cpu), \($0.start.host.cores) cores)" })
    return machines.count > 1 ? "the runs ran on different machines: \(list(machines))" : nil
}

/// That runs did different amounts of work, as far as they counted images; else `nil`.
func differentWork(_ runs: [RunRecord]) -> String? {
    let images = runs.compactMap(\.images)
    guard let least = images.min(), let most = images.max(), most - least > equalWork * most else { return nil }
    return "the work differs: \(decimal(least, places: 0)) to \(decimal(most, places: 0)) images a run"
}

/// Whether arms did different amounts of work, each the same in every run: training to an end that a run finds by itself
/// is no such plan.
func areGivenDifferentWork(_ arms: [[RunRecord]]) -> Bool {
    arms.allSatisfy { differentWork($0) == nil } && differentWork(arms.flatMap(\.self)) != nil
}

extension Contrast {
    /// Whether the plan gave the sides different work, so that whole runs must not be set against each other.
    var hasDifferentWork: Bool { areGivenDifferentWork([baseline, candidate]) }

    /// Whether the sides name different convolution algorithms.
    var algorithmDiffers: Bool {
        let (x, y) = (said("algorithm", by: baseline), said("algorithm", by: candidate))
        return !x.isEmpty && !y.isEmpty && x != y
    }

    /// Whether both sides let the program choose the algorithm, layer by layer.
    var chooseAlgorithms: Bool {
        said("algorithm", by: baseline) == ["fastest"] && said("algorithm", by: candidate) == ["fastest"]
    }

    /// What the runs of a side said under a key.
    func said(_ key: String, by side: [RunRecord]) -> Set<String> {
        Set(side.compactMap { $0.end?.info[key] })
    }

    /// Whether joules of the sides come from a model, in part or whole.
    var isModelled: Bool {
        runs.contains { run in
            guard let total = run.end?.account.total, total.joules != nil else { return false }
            return total.basis != .measured
        }
    }
}

/// Words in a fixed order with commas between.
func list(_ words: Set<String>) -> String {
    words.sorted().joined(separator: "; ")
}
