public import Carbon
public import Ledger
public import Metering
internal import Quantities

/// What all runs of a period, a project or a tag took: every run in one line, and none left out.
///
/// Joules of different bases stand apart and are never summed, and so are grams of different accounts.
public struct PeriodAccount: Sendable, Hashable {
    /// What was asked for in words, as `2026-01 to 2026-06, project=x`.
    public var title: String
    /// By what the runs are grouped, as `experiment` or `tag project`.
    public var grouping: String
    /// Every group with every kind of run in it, groups in the order of their first run.
    public var lines: [Line]
    /// All runs of a kind.
    public var kinds: [Line]
    /// All runs that started in a month (UTC), in order; ``Line/group`` is the month, as `2026-01`.
    public var months: [Line]
    public var total: Line
    /// Runs side by side on one machine, and what else weakens the sums.
    public var warnings: [String]
    /// Every machine, each once.
    public var hosts: [Host]
    /// The runs, in the order in which they started.
    public var runs: [RunRecord]
    /// Carbon accounts by run id.
    public var carbon: [String: [CarbonAccount]]

    /// Sums of some runs.
    public struct Line: Sendable, Hashable {
        public var group: String
        /// `nil` where it sums over kinds.
        public var kind: RunKind?
        public var runs: Int
        /// Seconds in which a machine was taken: runs side by side on one machine count once.
        public var nodeSeconds: Double
        /// Joules of each basis that occurs.
        public var energy: [EnergySum]
        /// Runs that have no joules.
        public var withoutEnergy: Int
        /// Grams of each account that occurs.
        public var grams: [GramSum]

        /// The joules of one basis; `nil` where no run has any.
        public func energy(_ basis: Basis) -> EnergySum? { energy.first { $0.basis == basis } }
    }
}

/// Joules of runs that share a basis.
public struct EnergySum: Sendable, Hashable {
    public var basis: Basis
    public var runs: Int
    public var joules: Double
    /// Expanded uncertainty (95 %) in joules: what calibration or model share adds up run by run, the rest in
    /// quadrature, since more runs on a sensor make its gain no better known.
    public var uncertainty: Double

    init(_ basis: Basis, _ runs: [RunRecord]) {
        self.basis = basis
        self.runs = runs.count
        var (sum, shared, random) = (0.0, 0.0, 0.0)
        for run in runs {
            let total = run.end?.account.total
            sum += total?.joules?.value ?? 0
            let standard = (total?.uncertainty?.value ?? 0) / 2
            // Where the random part is not known, all of it may be shared.
            let own = min(standard, total?.randomUncertainty?.value ?? 0)
            shared += (standard * standard - own * own).squareRoot()
            random += own * own
        }
        joules = sum
        uncertainty = 2 * (shared * shared + random).squareRoot()
    }
}

/// Grams of runs under one account.
public struct GramSum: Sendable, Hashable {
    /// `location` or `market`.
    public var account: String
    /// `life-cycle` or `direct`.
    public var basis: String
    public var runs: Int
    public var grams: Double
    /// Expanded uncertainty (95 %), summed run by run: intensity and overheads are common to all.
    public var uncertainty: Double
}

/// What a run of an account was.
public enum RunKind: String, Sendable, Hashable, CaseIterable {
    case measurement, pilot
    case warmup = "warm-up"
    case idle, failed, killed, running
    /// A past job, whose joules are the batch system's.
    case imported

    /// The kind of a run: how it ended comes before what it was for.
    ///
    /// A pilot is a run with the tag `pilot`, or with `stage=pilot`. A status above 128 is a death by a signal.
    public init(_ run: RunRecord) {
        let (tags, status) = (run.start.tags, run.end?.exitStatus ?? 0)
        let pilot = tags["pilot"].map { !["0", "no", "false"].contains($0) } ?? (tags["stage"] == "pilot")
        self =
            switch run.state {
            case .running: .running
            case .interrupted: .killed
            case .finished where status > 128: .killed
            case .finished where status != 0: .failed
            case .finished:
                switch run.start.role {
                case .idle: .idle
                case .warmup: .warmup
                case .imported: .imported
                case .measurement, .part: pilot ? .pilot : .measurement
                }
            }
    }
}
