public import Carbon
public import Ledger
public import Metering

/// Everything that a report says: arms, comparisons, and what they mean in words.
public struct Study: Sendable, Codable, Hashable {
    public var title: String
    /// The plan; `nil` for plain runs.
    public var experiment: ExperimentRecord?
    /// The arms in plan order.
    public var arms: [ArmSummary]
    /// Every arm beside its baseline, adjusted for their number.
    public var comparisons: [Comparison]
    /// The answer in one sentence.
    public var verdict: String
    /// Sentences for people, the most important first.
    public var findings: [String]
    /// The answers to a study's questions of precision, as far as the plan asks them; empty of plain runs.
    public var answers: [Answer]
    /// What weakens the figures.
    public var warnings: [String]
    /// Findings and warnings in short; `nil` of so few comparisons that each has its sentences.
    public var digest: Digest?
    /// What stands behind the joules; `nil` where there are none.
    public var basis: Basis?
    /// The machine, where all runs share one.
    public var host: Host?
    /// Every machine, each once.
    public var hosts: [Host]
    /// The factors behind the grams, with the joules of the mean baseline run.
    public var carbon: [CarbonAccount]
    /// The measurement runs in order, those left out of the figures too.
    public var runs: [RunRecord]
    /// How the program scales over threads, ranks or nodes; empty where the plan does not ask.
    public var parallelScaling: [ParallelScaling]

    /// A study; the arguments are the properties of the same names.
    public init(
        title: String,
        experiment: ExperimentRecord?,
        arms: [ArmSummary],
        comparisons: [Comparison],
        verdict: String,
        findings: [String],
        answers: [Answer] = [],
        warnings: [String],
        digest: Digest? = nil,
        basis: Basis?,
        host: Host?,
        hosts: [Host],
        carbon: [CarbonAccount],
        runs: [RunRecord],
        parallelScaling: [ParallelScaling] = []
    ) {
        self.title = title
        self.experiment = experiment
        self.arms = arms
        self.comparisons = comparisons
        self.verdict = verdict
        self.findings = findings
        self.answers = answers
        self.warnings = warnings
        self.digest = digest
        self.basis = basis
        self.host = host
        self.hosts = hosts
        self.carbon = carbon
        self.runs = runs
        self.parallelScaling = parallelScaling
    }
}

extension Study {
    private enum CodingKeys: String, CodingKey {
        case title, experiment, arms, comparisons, verdict, findings, answers, warnings, digest, basis, host, hosts
        case carbon, runs, parallelScaling
    }

    /// A run as its two halves, since the ledger's record has no coding of its own.
    private struct StoredRun: Codable {
        var start: RunStart
        var end: RunEnd?
    }

    /// Reads a study as ``encode(to:)`` writes it.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            title: try values.decode(String.self, forKey: .title),
            experiment: try values.decodeIfPresent(ExperimentRecord.self, forKey: .experiment),
            arms: try values.decode([ArmSummary].self, forKey: .arms),
            comparisons: try values.decode([Comparison].self, forKey: .comparisons),
            verdict: try values.decode(String.self, forKey: .verdict),
            findings: try values.decode([String].self, forKey: .findings),
            answers: try values.decodeIfPresent([Answer].self, forKey: .answers) ?? [],
            warnings: try values.decode([String].self, forKey: .warnings),
            digest: try values.decodeIfPresent(Digest.self, forKey: .digest),
            basis: try values.decodeIfPresent(Basis.self, forKey: .basis),
            host: try values.decodeIfPresent(Host.self, forKey: .host),
            hosts: try values.decode([Host].self, forKey: .hosts),
            carbon: try values.decode([CarbonAccount].self, forKey: .carbon),
            runs: try values.decode([StoredRun].self, forKey: .runs).map { RunRecord(start: $0.start, end: $0.end) },
            parallelScaling: try values.decodeIfPresent([ParallelScaling].self, forKey: .parallelScaling) ?? []
        )
    }

    /// Writes every property under its own name.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(title, forKey: .title)
        try values.encodeIfPresent(experiment, forKey: .experiment)
        try values.encode(arms, forKey: .arms)
        try values.encode(comparisons, forKey: .comparisons)
        try values.encode(verdict, forKey: .verdict)
        try values.encode(findings, forKey: .findings)
        try values.encode(answers, forKey: .answers)
        try values.encode(warnings, forKey: .warnings)
        try values.encodeIfPresent(digest, forKey: .digest)
        try values.encodeIfPresent(basis, forKey: .basis)
        try values.encodeIfPresent(host, forKey: .host)
        try values.encode(hosts, forKey: .hosts)
        try values.encode(carbon, forKey: .carbon)
        try values.encode(runs.map { StoredRun(start: $0.start, end: $0.end) }, forKey: .runs)
        try values.encode(parallelScaling, forKey: .parallelScaling)
    }
}
