internal import Carbon
internal import Ledger
internal import Metering
internal import Quantities

/// A run shorter than this is too short for a figure of its own (house rule of the method's reference).
private let shortestWindow = 5.0
/// Fewer readings than this leave too much between them.
private let fewestSamples = 60
/// The part of all processors that others may keep busy before a run counts as disturbed.
private let othersBusyLimit = 0.05
/// Drift of idle power that makes net figures doubtful.
private let largestIdleDrift = 0.05

/// What a comparison of modelled joules does not see.
let modelledSentence =
    "These joules are modelled from CPU utilisation; differences in power between precisions are not visible to the model."

extension Contrast {
    /// What weakens a comparison beyond what weakens its runs.
    func weaknesses(of comparison: Comparison) -> [Weakness] {
        var sentences = notes
        if isModelled {
            sentences.append(modelledSentence)
        }
        for (name, side) in [(names.candidate, candidate), (names.baseline, baseline)]
        where said("arithmetic", by: side).contains("emulated") {
            sentences.append(emulation(of: name))
        }
        if comparison.algorithmDiffers {
            let x = list(said("algorithm", by: baseline))
            let y = list(said("algorithm", by: candidate))
            sentences.append(
                "The convolution algorithm differs (\(names.baseline): \(x), \(names.candidate): \(y)); part of the "
                    + "difference is the algorithm's."
            )
        }
        if chooseAlgorithms, said("precision", by: baseline) != said("precision", by: candidate) {
            sentences.append(
                "Both sides ran each layer by the algorithm that is fastest in their precision; part of the difference "
                    + "may be the algorithms'."
            )
        }
        let ahead = sentences.map { Weakness($0) } + repeatWeaknesses(of: comparison)
        sentences = []
        if let idle, idle.drift > largestIdleDrift {
            sentences.append("Idle power drifted by \(percent(idle.drift)); net figures are doubtful.")
        }
        let settings = Set(runs.map(\.start.carbon))
        if let conflict = CarbonSettings.conflict(among: runs.map(\.start.carbon)) {
            sentences.append("No grams are compared: \(conflict.description)")
        } else if Set(settings.map(\.frame)).count > 1 {
            sentences.append("The runs have different carbon settings; no grams are compared.")
        }
        return ahead + sentences.map { Weakness($0) }
    }
}

/// Of each precision that instructions of another stood in for, what its figures do not say.
func emulations(of runs: [RunRecord]) -> [String] {
    let emulated = runs.compactMap { $0.end?.info }.filter { $0["arithmetic"] == "emulated" }
    return Set(emulated.map { $0["precision"] ?? "A precision" }).sorted().map(emulation)
}

private func emulation(of precision: String) -> String {
    "\(precision) was emulated on this CPU: its speed and energy say nothing of hardware with \(precision)."
}

/// What weakens the figures of runs by themselves: windows that are too short, readings that are too few.
func weaknesses(of runs: [RunRecord]) -> [String] {
    var sentences: [String] = []
    if let shortest = runs.compactMap(\.duration).min(), shortest < shortestWindow {
        sentences.append(
            "The shortest run lasted \(duration(Seconds(shortest))); below \(decimal(shortestWindow, places: 0)) s "
                + "start-up and sampling weigh too much."
        )
    }
    if let fewest = runs.compactMap(\.samples).min(), fewest < fewestSamples {
        sentences.append("A run has only \(fewest) readings of a sensor; \(fewestSamples) or more are wanted.")
    }
    return sentences + disturbances(of: runs) + overlapWarnings(among: runs)
}

/// What else went on in the machine during the runs, as far as it moves times and joules.
private func disturbances(of runs: [RunRecord]) -> [String] {
    let around = runs.compactMap { $0.end?.surroundings }
    let cores = runs.map(\.start.host.cores).max() ?? 1
    var sentences: [String] = []
    let busy = around.compactMap(\.othersBusy).filter { $0 > othersBusyLimit * Double(max(1, cores)) }
    if let most = busy.max() {
        sentences.append(
            "In \(busy.count) of \(runs.count) runs other programs kept up to \(significant(min(most, Double(cores)), digits: 2)) of "
                + "\(cores) processors busy; times and joules hold their share."
        )
    }
    let shared = around.compactMap(\.share).filter { $0.processors < $0.onlineProcessors }
    if let most = shared.map(\.allocated).max() {
        sentences.append(
            "In \(shared.count) of \(runs.count) runs the job had at most \(percent(most)) of the node's processors: joules are the "
                + "whole node's, other jobs' included."
        )
    }
    let onBattery = around.count { $0.onBattery }
    if onBattery > 0 {
        sentences.append(
            "In \(onBattery) of \(runs.count) runs the machine drew on its battery; its clock may be lower."
        )
    }
    let changes = Set(around.compactMap { $0.governors?.joined(separator: " to ") }).sorted()
    if !changes.isEmpty {
        sentences.append("The frequency governor changed during a run (\(changes.joined(separator: ", "))).")
    }
    return sentences
}
