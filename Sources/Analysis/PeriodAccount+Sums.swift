public import Carbon
public import Ledger
internal import Metering
internal import Quantities

/// By what the runs of an account are put together.
public enum RunGrouping: Sendable, Hashable {
    case experiment, name, month
    /// The value of a tag.
    case tag(String)

    /// As one would type it, as `tag project`.
    var words: String {
        switch self {
        case .experiment: "experiment"
        case .name: "name"
        case .month: "month"
        case .tag(let key): "tag \(key)"
        }
    }
}

/// Sums the runs up.
///
/// - Parameters:
///   - runs: all of the period, in any order and of any role.
///   - experiments: the names by id; a run of none is grouped by its name.
///   - carbon: accounts by run id.
public func periodAccount(
    of runs: [RunRecord],
    title: String,
    grouping: RunGrouping,
    experiments: [String: String],
    carbon: [String: [CarbonAccount]]
) -> PeriodAccount {
    let runs = runs.sorted { ($0.start.startedAt, $0.id) < ($1.start.startedAt, $1.id) }
    let group = { (run: RunRecord) -> String in
        switch grouping {
        case .experiment: run.start.place.map { experiments[$0.experimentID] ?? $0.experimentID } ?? run.name
        case .name: run.name
        case .month: run.month
        case .tag(let key): run.start.tags[key] ?? "no tag \(key)"
        }
    }
    var order: [String] = []
    let groups = Dictionary(grouping: runs) { run -> String in
        let name = group(run)
        if !order.contains(name) { order.append(name) }
        return name
    }
    let sum = { (runs: [RunRecord], group: String, kind: RunKind?) in
        PeriodAccount.Line(runs, group: group, kind: kind, carbon: carbon)
    }
    let lines = order.flatMap { name -> [PeriodAccount.Line] in
        let kinds = Dictionary(grouping: groups[name] ?? [], by: RunKind.init)
        return RunKind.allCases.compactMap { kind in kinds[kind].map { sum($0, name, kind) } }
    }
    let kinds = Dictionary(grouping: runs, by: RunKind.init)
    let months = Dictionary(grouping: runs, by: \.month)
    return PeriodAccount(
        title: title,
        grouping: grouping.words,
        lines: lines,
        kinds: RunKind.allCases.compactMap { kind in kinds[kind].map { sum($0, "", kind) } },
        months: months.sorted { $0.key < $1.key }.map { sum($0.value, $0.key, nil) },
        total: sum(runs, "", nil),
        warnings: weaknesses(of: runs, carbon: carbon),
        hosts: machines(runs),
        runs: runs,
        carbon: carbon
    )
}

extension PeriodAccount.Line {
    init(_ runs: [RunRecord], group: String, kind: RunKind?, carbon: [String: [CarbonAccount]]) {
        self.group = group
        self.kind = kind
        self.runs = runs.count
        nodeSeconds = Analysis.nodeSeconds(runs)
        energy = energySums(runs)
        withoutEnergy = runs.count { $0.joules == nil }
        grams = gramSums(runs, carbon: carbon)
    }
}

/// Joules of some runs by basis; runs without joules are in none.
public func energySums(_ runs: [RunRecord]) -> [EnergySum] {
    let known = Dictionary(grouping: runs.filter { $0.joules != nil }) { $0.end?.account.total.basis ?? .measured }
    return [Basis.measured, .mixed, .modelled].compactMap { basis in known[basis].map { EnergySum(basis, $0) } }
}

/// Grams of some runs by account and the basis of its factors, in the order in which they occur.
public func gramSums(_ runs: [RunRecord], carbon: [String: [CarbonAccount]]) -> [GramSum] {
    var sums: [GramSum] = []
    for account in runs.flatMap({ carbon[$0.id] ?? [] }) {
        let place = sums.firstIndex { $0.account == account.account && $0.basis == account.basis }
        if place == nil {
            sums.append(GramSum(account: account.account, basis: account.basis, runs: 0, grams: 0, uncertainty: 0))
        }
        let index = place ?? sums.count - 1
        sums[index].runs += 1
        sums[index].grams += account.total.value
        sums[index].uncertainty += account.uncertainty.value
    }
    return sums
}

/// Seconds in which a machine was taken by any of the runs, summed over machines.
private func nodeSeconds(_ runs: [RunRecord]) -> Double {
    let machines = Dictionary(grouping: runs) { $0.start.host.name + " " + $0.start.host.bootID }
    return machines.values.map { runs -> Double in
        var (sum, reached) = (0.0, -Double.infinity)
        for run in runs.sorted(by: { $0.start.startedAt < $1.start.startedAt }) {
            let from = Double(run.start.startedAt) * 1e-6
            let to = from + (run.duration ?? 0)
            sum += max(0, to - max(from, reached))
            reached = max(reached, to)
        }
        return sum
    }.reduce(0, +)
}

private func weaknesses(of runs: [RunRecord], carbon: [String: [CarbonAccount]]) -> [String] {
    var sentences: [String] = []
    let bases = Set(runs.compactMap { $0.joules == nil ? nil : $0.end?.account.total.basis })
    if bases.count > 1 {
        sentences.append("Measured and modelled joules stand in columns of their own; no sum goes across them.")
    } else if bases == [.modelled] {
        sentences.append("These joules are modelled from CPU utilisation, not measured.")
    }
    let without = runs.count { $0.joules == nil && $0.state != .running }
    if without > 0 { sentences.append("\(without) of \(runs.count) runs have no joules, and are in no sum of energy.") }
    let ungridded = runs.count { $0.joules != nil && (carbon[$0.id] ?? []).isEmpty }
    if ungridded > 0 {
        sentences.append(
            "\(ungridded) of \(runs.count) runs name no grid, and are in no sum of grams: measure with --zone."
        )
    }
    let assumed = Set(runs.flatMap { carbon[$0.id] ?? [] }.filter(\.zoneAssumed).map(\.zone))
    if !assumed.isEmpty {
        let zones = assumed.sorted().joined(separator: ", ")
        sentences.append("The grid \(zones) is assumed from the system's time zone: name the true one with --zone.")
    }
    let doubled = overlapWarnings(among: runs)
    sentences += doubled.prefix(3)
    if doubled.count > 3 { sentences.append("\(doubled.count - 3) further pairs of runs ran side by side.") }
    return sentences
}

private func machines(_ runs: [RunRecord]) -> [Host] {
    var seen: Set<Host> = []
    return runs.map(\.start.host).filter { host in
        var machine = host
        machine.bootID = ""
        return seen.insert(machine).inserted
    }
}

extension RunRecord {
    /// The name, else the command.
    fileprivate var name: String { start.name.isEmpty ? start.command.joined(separator: " ") : start.name }

    /// The month in which it started (UTC), as `2026-01`.
    public var month: String { String(CivilDate(microseconds: start.startedAt).text.prefix(7)) }
}
