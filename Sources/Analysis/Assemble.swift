internal import Carbon
internal import Ledger
internal import Metering
internal import Quantities
internal import Statistics

/// Puts a study together from its parts; `runs` are all runs in order, idle and warm-up ones too.
func assemble(
    title: String,
    experiment: ExperimentRecord?,
    arms: [ArmSummary],
    judgements: [Judgement],
    scaling: [String],
    warnings: [Weakness],
    runs: [RunRecord]
) -> Study {
    let measurements = runs.filter { $0.start.role == .measurement }
    let counted = counting(measurements)
    let hosts = distinctHosts(measurements)
    let bases = Set(counted.runs.filter { $0.joules != nil }.compactMap { $0.end?.account.total.basis })
    let (carbon, carbonWarnings) = carbonAccounts(arms: arms, runs: counted.runs)
    let ofComparisons = warnings + judgements.flatMap(\.weaknesses)
    var weak =
        ofComparisons.map(\.sentence) + [unpairedSentence(judgements.map(\.contrast))].compactMap(\.self)
        + counted.leftOut
    if judgements.isEmpty {
        if bases.contains(where: { $0 != .measured }) {
            weak.append("These joules are modelled from CPU utilisation, not measured.")
        }
        weak += emulations(of: counted.runs)
    }
    let byID = Dictionary(counted.runs.map { ($0.id, $0) }) { first, _ in first }
    let runsOfArms = arms.map { arm in arm.runIDs.compactMap { byID[$0] } }
    if judgements.isEmpty, let target = experiment?.target { weak += arms.compactMap { $0.missedSentence(target) } }
    weak += weaknesses(of: counted.runs) + orderWeaknesses(of: runsOfArms, carryingOver: experiment != nil)
    weak += carbonWarnings
    weak += warningsOfRuns(counted.runs, besides: weak)
    if bases.count > 1 { weak.append("Some runs are measured and some modelled; they are never summed or compared.") }
    let front = frontSentence(arms, runs: runsOfArms, experiment: experiment)
    let further = scaling + (front.map { [$0] } ?? [])
    return Study(
        title: title,
        experiment: experiment,
        arms: arms,
        comparisons: judgements.map(\.comparison),
        verdict: verdictSentence(judgements, arms: arms, isModelled: !bases.isEmpty && !bases.contains(.measured)),
        findings: judgements.flatMap(\.statements) + further,
        warnings: distinct(weak),
        digest: Digest(
            judgements,
            findings: further,
            warnings: (ofComparisons, Array(weak.dropFirst(ofComparisons.count))),
            factors: experiment?.factors ?? []
        ),
        basis: bases.count > 1 ? .mixed : bases.first,
        host: hosts.count == 1 ? hosts.first : nil,
        hosts: hosts,
        carbon: carbon,
        runs: measurements
    )
}

/// Machines, each once: another boot of the same one is not another machine.
private func distinctHosts(_ runs: [RunRecord]) -> [Host] {
    var seen: Set<Host> = []
    return runs.map(\.start.host).filter { host in
        var machine = host
        machine.bootID = ""
        return seen.insert(machine).inserted
    }
}

/// The factors of every setting among the runs, with the mean joules of the baseline's runs (else of all).
private func carbonAccounts(arms: [ArmSummary], runs: [RunRecord]) -> (accounts: [CarbonAccount], warnings: [String]) {
    let baseline = Set(arms.first(where: \.isBaseline)?.runIDs ?? runs.map(\.id))
    var accounts: [CarbonAccount] = []
    var warnings: [String] = []
    var seen: Set<CarbonSettings> = []
    if let conflict = CarbonSettings.conflict(among: runs.map(\.start.carbon)) {
        warnings.append("Grams of these runs are not compared: \(conflict.description)")
    }
    let frames = Dictionary(Set(runs.map(\.start.carbon)).map { ($0, $0.frame) }) { first, _ in first }
    for run in runs {
        let (own, frame) = (run.start.carbon, frames[run.start.carbon] ?? run.start.carbon)
        guard seen.insert(frame).inserted else { continue }
        if let warning = own.warning { warnings.append(warning) }
        let same = runs.filter { frames[$0.start.carbon] == frame && $0.joules != nil }
        let base = same.filter { baseline.contains($0.id) }
        let chosen = base.isEmpty ? same : base
        guard let joules = mean(chosen.compactMap(\.joules)) else { continue }
        let uncertainty = mean(chosen.compactMap { $0.end?.account.total.uncertainty?.value })
        do {
            accounts += try Carbon.carbonAccounts(
                joules: Joules(joules),
                uncertainty: uncertainty.map { Joules($0) },
                duration: mean(chosen.compactMap(\.duration)).map { Seconds($0) },
                settings: try typical(of: chosen) ?? own
            )
        } catch {
            warnings.append("No grams are given: \(error.description)")
        }
    }
    return (accounts, warnings)
}

/// The settings that stand for runs of one frame: theirs, with the mean intensity weighted by joules where each has the
/// hours of its own.
private func typical(of runs: [RunRecord]) throws(CarbonError) -> CarbonSettings? {
    guard var settings = try runs.first?.start.carbon.pinned(), settings.intensity?.parts != nil else {
        return runs.first?.start.carbon
    }
    let known = runs.compactMap { run in
        run.joules.flatMap { j in run.start.carbon.intensity.map { (j, $0.value.value) } }
    }
    let joules = known.reduce(0) { $0 + $1.0 }
    if joules > 0 {
        settings.intensity?.value = GramsPerKilowattHour(known.reduce(0) { $0 + $1.0 * $1.1 } / joules)
    }
    return settings
}

/// The runs' own warnings, each once, with the number of runs that have it; without those that are said already.
private func warningsOfRuns(_ runs: [RunRecord], besides said: [String]) -> [String] {
    let said = Set(said)
    let all = runs.flatMap { distinct($0.end?.warnings ?? []) }.filter { !said.contains($0) }
    let counts = Dictionary(all.map { ($0, 1) }, uniquingKeysWith: +)
    return distinct(all).map { warning in
        let count = counts[warning] ?? 0
        return runs.count > 1 ? "\(warning) (\(count) of \(runs.count) runs)" : warning
    }
}

/// Sentences, each once.
func distinct(_ sentences: [String]) -> [String] {
    var seen: Set<String> = []
    return sentences.filter { seen.insert($0).inserted }
}
