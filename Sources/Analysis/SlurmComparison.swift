public import Ledger
internal import Metering
internal import Quantities

/// One attempt of a job as Slurm accounts it and as Wattbook measured it.
public struct SlurmComparison: Sendable {
    /// Which of the two a reader should take.
    public enum Belief: String, Sendable {
        case ours, slurm, either, neither
    }

    /// Another job that Slurm ran on one of the nodes at that time.
    public struct Neighbour: Sendable, Hashable {
        public var job: String
        /// What Slurm gives it, J.
        public var joules: Double?
        public var nodes: [String]
        /// How long both were there, seconds.
        public var seconds: Double
    }

    /// The attempt, from 0.
    public var restarts: Int
    /// The job's line.
    public var record: SlurmRecord?
    /// Slurm's joules: the job's line, or the largest of its lines, never their sum.
    public var slurmJoules: Double?
    /// Our run; `nil` where there is none.
    public var run: RunRecord?
    /// Our joules of whole nodes, and the job's part of them by the rules for shared nodes.
    public var joules: Double?
    public var partJoules: Double?
    public var neighbours: [Neighbour]
    /// Why the two differ, a sentence each.
    public var reasons: [String]
    public var belief: Belief
    /// Why that one.
    public var advice: String

    /// Slurm's joules less ours, of whole nodes.
    public var difference: Double? { slurmJoules.flatMap { a in joules.map { a - $0 } } }
}

/// What the site's Slurm says of its energy plugin.
public struct SlurmEnergySetup: Sendable {
    /// As `pm_counters`, `rapl`, `ipmi`; `nil` where it is not known or there is none.
    public var plugin: String?
    /// Seconds between two of its readings.
    public var period: Double?

    /// A set-up; the arguments are the properties of the same names.
    public init(plugin: String? = nil, period: Double? = nil) {
        self.plugin = plugin
        self.period = period
    }

    /// Whether the plugin sees whole nodes; `nil` where it is not known.
    var seesNodes: Bool? { plugin.map { !["rapl", "gpu"].contains($0) } }
}

/// The attempts of a job in Slurm's lines beside our runs of it.
///
/// - Parameters:
///   - records: Lines of `sacct -D`, those of other jobs too: they tell who was on the same nodes.
///   - runs: Our runs of the job.
public func slurmComparisons(
    job: String,
    records: [SlurmRecord],
    runs: [RunRecord],
    setup: SlurmEnergySetup = SlurmEnergySetup()
) -> [SlurmComparison] {
    // With duplicates, each attempt's line is followed by its steps.
    var attempts: [[SlurmRecord]] = []
    for record in records where record.job == job {
        if record.isJob || attempts.isEmpty { attempts.append([]) }
        attempts[attempts.count - 1].append(record)
    }
    let others = records.filter { $0.job != job && $0.isJob }
    let ours = Dictionary(grouping: runs) { $0.start.job?.restarts ?? 0 }
    return (0..<max(attempts.count, (ours.keys.max() ?? -1) + 1)).map { place in
        let lines = place < attempts.count ? attempts[place] : []
        return comparison(place, lines, others, ours[place] ?? [], setup)
    }
}

private func comparison(
    _ place: Int,
    _ lines: [SlurmRecord],
    _ others: [SlurmRecord],
    _ runs: [RunRecord],
    _ setup: SlurmEnergySetup
) -> SlurmComparison {
    let record = lines.first { $0.isJob } ?? lines.first
    // The job's own run holds all of its parts; of several plain ones the longest stands for it.
    let run = runs.first { $0.end?.job != nil } ?? runs.max { ($0.duration ?? 0) < ($1.duration ?? 0) }
    let joules = run?.end?.account.total.joules?.value
    let part = run.flatMap { attribution(of: $0, idle: nil) }
    var result = SlurmComparison(
        restarts: place,
        record: record,
        slurmJoules: lines.compactMap(\.joules).max(),
        run: run,
        joules: joules,
        partJoules: part.map(believable) ?? joules,
        neighbours: record.map { neighbours(of: $0, others) } ?? [],
        reasons: [],
        belief: .either,
        advice: ""
    )
    result.judge(setup)
    return result
}

/// Without idle power, processor time would divide what stands still too: then what was granted decides.
private func believable(_ part: Attribution) -> Double {
    (part.usesIdle ? part.byProcessorTime ?? part.byAllocation : part.byAllocation).value
}

private func neighbours(of record: SlurmRecord, _ others: [SlurmRecord]) -> [SlurmComparison.Neighbour] {
    guard let start = record.start else { return [] }
    let end = record.end ?? start + record.elapsedSeconds
    return others.compactMap { other in
        let nodes = Set(other.nodes).intersection(record.nodes)
        guard !nodes.isEmpty, let from = other.start else { return nil }
        let seconds = min(end, other.end ?? from + other.elapsedSeconds) - max(start, from)
        guard seconds > 0 else { return nil }
        return SlurmComparison.Neighbour(
            job: other.id,
            joules: other.joules,
            nodes: nodes.sorted(by: isBeforeByNumber),
            seconds: seconds
        )
    }
}

extension SlurmComparison {
    /// Fewer readings than this within a job leave its ends to chance.
    private static let fewReadings = 20.0

    /// Finds the reasons, and which figure to take.
    fileprivate mutating func judge(_ setup: SlurmEnergySetup) {
        guard let slurm = slurmJoules else {
            belief = joules == nil ? .neither : .ours
            reasons = [
                record == nil ? "Slurm's accounting has no such job." : "Slurm accounted no energy for it."
            ]
            advice =
                joules == nil ? "Neither Slurm nor the ledger has joules of it." : "Only the ledger has joules of it."
            return
        }
        guard let run, let joules else {
            belief = .slurm
            reasons = ["The ledger has no joules of this attempt."]
            advice = "Slurm's figure is the only one; it is of whole nodes, whoever else was on them."
            return
        }
        let missing = run.end?.job?.missing
        let shares =
            run.end?.job.map { $0.nodes.compactMap(\.share) } ?? [run.end?.surroundings?.share].compactMap(\.self)
        let isShared = shares.contains { $0.processors < $0.onlineProcessors } || !neighbours.isEmpty
        let scope = EnergyScope((run.end?.account.channels ?? []).map(\.channel))
        let elapsed = record?.elapsedSeconds ?? 0
        if !neighbours.isEmpty {
            let sum = neighbours.compactMap(\.joules).reduce(slurm, +)
            reasons.append(
                "Slurm gives the whole energy of a node to every job on it: to this one and to "
                    + "\(neighbours.map(\.job).joined(separator: ", ")) on the same nodes, \(rounded(sum)) J together, "
                    + "of which each joule of the shared time is counted \(neighbours.count + 1) times."
            )
        } else if isShared {
            reasons.append("The job had a part of its nodes, and Slurm gives it their whole energy.")
        }
        let differsInScope = scope == .components && setup.seesNodes == true
        if differsInScope {
            reasons.append(
                "Slurm's plugin acct_gather_energy/\(setup.plugin ?? "") sees whole nodes, and ours are the components "
                    + "\(run.end?.account.total.coverage.joined(separator: ", ") ?? "")."
            )
        } else if scope == .node, setup.seesNodes == false {
            reasons.append("Slurm's plugin sees components only, and ours is a meter of the whole node.")
        }
        let measured = run.duration ?? 0
        if elapsed > 0, abs(elapsed - measured) > max(1, 0.02 * elapsed) {
            reasons.append(
                "Slurm counts from the job's start to its end, \(rounded(elapsed)) s, and what was measured took "
                    + "\(rounded(measured)) s."
            )
        }
        if let missing, !missing.isNothing { reasons += missing.sentences }
        let period = setup.period ?? 1
        let isShort = elapsed < Self.fewReadings * period
        if isShort {
            reasons.append(
                "Slurm reads every \(rounded(period)) s, and its last reading comes as late: in \(rounded(elapsed)) s "
                    + "that may be \(rounded(100 * min(1, 2 * period / max(elapsed, period)))) % of it."
            )
        }
        decide(
            slurm,
            joules,
            isShared: isShared,
            isIncomplete: (missing?.share ?? 0) > 0.02,
            differsInScope: differsInScope,
            isShort: isShort
        )
    }

    private mutating func decide(
        _ slurm: Double,
        _ joules: Double,
        isShared: Bool,
        isIncomplete: Bool,
        differsInScope: Bool,
        isShort: Bool
    ) {
        if isShared {
            belief = .ours
            advice = "Take ours: the job's part by the rules for shared nodes, which add up to the node's energy."
        } else if isIncomplete {
            belief = .slurm
            advice = "Take Slurm's: ours lacks a part of the job."
        } else if differsInScope {
            belief = .slurm
            advice =
                "Take Slurm's for the energy of the nodes, and ours for what runs differ in: it misses the same always."
        } else if isShort {
            belief = .ours
            advice = "Take ours: the job is short beside the time between two of Slurm's readings."
        } else {
            let within = (run?.end?.account.total.uncertainty?.value ?? 0) + 0.02 * joules
            belief = abs(slurm - joules) <= within ? .either : .ours
            advice =
                belief == .either
                ? "They agree within the uncertainty of ours."
                : "Take ours: its readings and their uncertainty are kept."
        }
    }
}

private func rounded(_ value: Double) -> String {
    value >= 100 || value == value.rounded() ? "\(Int(min(value, 9e15).rounded()))" : "\((value * 10).rounded() / 10)"
}
