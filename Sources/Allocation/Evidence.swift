internal import Analysis
internal import Configuration
public import Ledger
internal import Metering
internal import Quantities

/// Runs of the ledger that a figure rests on, under a number that the figure carries.
public struct Evidence: Sendable, Hashable {
    /// `E1`, `E2`, ...
    public var mark: String
    /// As the request names them.
    public var reference: String
    /// Those that count: they ended with status 0.
    public var runs: [RunRecord]
    /// Runs that failed or were interrupted, and count nowhere but in the share of failed ones.
    public var failed: [RunRecord]

    /// Nodes of a run; the most of all runs.
    public var nodes: Int { runs.map(\.nodes).max() ?? 1 }
    /// Whether the joules are Slurm's.
    public var isImported: Bool { runs.contains { $0.start.role == .imported } }
}

extension RunRecord {
    /// Nodes that the run's job had; 1 outside of a batch system.
    var nodes: Int { max(1, start.job?.variables["SLURM_JOB_NUM_NODES"].flatMap { Int($0) } ?? 1) }
    /// GPUs of a node: those that the job had, else those that a probe found.
    var gpusPerNode: Int {
        start.job?.variables["SLURM_GPUS_ON_NODE"].flatMap { Int($0) } ?? start.host.gpus.count
    }
    /// Seconds.
    var seconds: Double { duration ?? 0 }
    /// Joules of the total, of all nodes that the sensors saw.
    var joules: Double? { end?.account.total.joules?.value }
    /// Whether the joules are of all its nodes: a batch system's own, or there is one node.
    var seesAllNodes: Bool {
        nodes == 1 || start.role == .imported
            || end?.account.total.coverage.allSatisfy { $0.hasPrefix("slurm/") } == true
    }
    /// Joules of all nodes; sensors of one node stand for the others.
    var wholeJoules: Double? { joules.map { seesAllNodes ? $0 : $0 * Double(nodes) } }
    var nodeHours: Double { Double(nodes) * seconds / 3600 }
    var isGood: Bool { state == .finished && end?.exitStatus == 0 && seconds > 0 }

    /// The relative expanded uncertainty (95 %) that all runs on the same sensors share.
    var calibration: Double {
        guard let total = end?.account.total, let joules, joules > 0, let expanded = total.uncertainty?.value else {
            return 0
        }
        if let budget = total.budget { return 2 * budget.shared.value / joules }
        let random = 2 * (total.randomUncertainty?.value ?? 0)
        return max(0, expanded * expanded - random * random).squareRoot() / joules
    }
}

/// Finds runs in a ledger, and numbers what was found.
struct EvidenceBook {
    private let ledger: LedgerFile
    private let path: String
    private var read: [String: [RunRecord]] = [:]
    private(set) var entries: [Evidence] = []

    init(ledger: LedgerFile, path: String) {
        self.ledger = ledger
        self.path = path
    }

    /// The runs that a reference names.
    ///
    /// - Throws: `ConfigurationError` (status 65) with the request's line where there are none, or none that count.
    mutating func find(_ reference: Request.Reference, needsGood: Bool = true) throws -> Evidence {
        if let known = entries.first(where: { $0.reference == reference.text }) { return known }
        let found: [RunRecord]
        do {
            found = try runs(reference.text)
        } catch let error as LedgerError {
            throw wrong(reference, error.problem, error.remedy)
        }
        let good = found.filter(\.isGood)
        guard !found.isEmpty, !(needsGood && good.isEmpty) else {
            throw wrong(
                reference,
                found.isEmpty
                    ? "No run of the ledger \(ledger.path) is meant by “\(reference.text)”."
                    : "No run of “\(reference.text)” ended with status 0.",
                "See what it holds with `wattbook list`."
            )
        }
        let evidence = Evidence(
            mark: "E\(entries.count + 1)",
            reference: reference.text,
            runs: good.sorted { $0.start.startedAt < $1.start.startedAt },
            failed: found.filter { !$0.isGood && $0.end != nil }
        )
        entries.append(evidence)
        return evidence
    }

    /// The experiment that a reference names.
    func experiment(_ reference: Request.Reference) -> ExperimentRecord? {
        try? ledger.experiment(String(reference.text.prefix { $0 != ":" }))
    }

    /// The tables of a scaling experiment.
    ///
    /// - Throws: `ConfigurationError` (status 65) where there is no such experiment, or it scales nothing.
    func parallelScaling(
        _ reference: Request.Reference
    ) throws -> (experiment: ExperimentRecord, tables: [ParallelScaling]) {
        guard let experiment = try? ledger.experiment(reference.text) else {
            throw wrong(
                reference,
                "There is no experiment “\(reference.text)” in the ledger \(ledger.path).",
                "See what it holds with `wattbook list`."
            )
        }
        let tables = try study(experiment: experiment, runs: ledger.runs(ofExperiment: experiment.id)).parallelScaling
        guard !tables.isEmpty else {
            throw wrong(
                reference,
                "The experiment “\(reference.text)” has no scaling that was measured.",
                "Name one of a plan with `scaling:`, or give `points: {1: RUN, 2: RUN}`."
            )
        }
        return (experiment, tables)
    }

    func wrong(_ reference: Request.Reference, _ problem: String, _ remedy: String) -> ConfigurationError {
        ConfigurationError(path: path, line: reference.line, problem: problem, remedy: remedy, exitCode: 65)
    }

    private mutating func runs(_ text: String) throws -> [RunRecord] {
        let counting = { (runs: [RunRecord]) in runs.filter { [.measurement, .imported].contains($0.start.role) } }
        if text.hasPrefix("tag:") {
            let sides = text.dropFirst(4).split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2 else { return [] }
            return counting(try all()).filter { $0.start.tags[sides[0]] == sides[1] }
        }
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        if let experiment = try? ledger.experiment(parts[0]) {
            let runs = try read[experiment.id] ?? ledger.runs(ofExperiment: experiment.id, parts: [])
            read[experiment.id] = runs
            let levels = (parts.count > 1 ? parts[1] : "").split(separator: ",").map {
                $0.split(separator: "=").map(String.init)
            }
            return counting(runs).filter { run in
                levels.allSatisfy { $0.count == 2 && run.start.place?.levels[$0[0]] == $0[1] }
            }
        }
        // A name that several runs have means all of them.
        let named = counting(try all()).filter { $0.start.name == text }
        return named.isEmpty ? [try ledger.record(ledger.resolve(text))] : named
    }

    private mutating func all() throws -> [RunRecord] {
        let runs = try read[""] ?? ledger.runs()
        read[""] = runs
        return runs
    }
}
