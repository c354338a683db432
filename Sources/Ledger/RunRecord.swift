public import Carbon
public import Metering

/// What a run was for.
public enum RunRole: String, Sendable, Codable, Hashable {
    /// Counts in comparisons.
    case measurement
    /// Heats the machine; kept apart.
    case warmup
    /// The machine doing nothing.
    case idle
    /// A past job out of a batch system's accounting: its joules are that system's, and there are no samples.
    case imported
}

/// How a run stands.
public enum RunState: String, Sendable, Codable, Hashable {
    /// Its process writes to the ledger.
    case running
    /// It ended and was closed in order.
    case finished
    /// Its meter was killed; what it had written is kept.
    case interrupted
}

/// The place of a run in an experiment.
public struct ArmPlace: Sendable, Codable, Hashable {
    public var experimentID: String
    /// Factor levels, as `["precision": "bf16"]`.
    public var levels: [String: String]
    /// Randomised block, from 0; runs of one block are a pair.
    public var block: Int
    /// Position in the order of all runs, from 0.
    public var position: Int

    /// A place; the arguments are the properties of the same names.
    public init(experimentID: String, levels: [String: String], block: Int, position: Int) {
        self.experimentID = experimentID
        self.levels = levels
        self.block = block
        self.position = position
    }
}

/// All that is known when a run starts.
public struct RunStart: Sendable, Codable, Hashable {
    public var id: String
    public var name: String
    public var command: [String]
    public var tags: [String: String]
    public var role: RunRole
    public var place: ArmPlace?
    public var host: Host
    /// The batch job that it ran in; `nil` outside of one.
    public var job: Job?
    /// Wall clock at the start, microseconds since 1970 (UTC).
    public var startedAt: Int64
    /// The same instant on `CLOCK_MONOTONIC`, nanoseconds: the spawn.
    public var start: Int64
    /// The wanted sampling interval in seconds.
    public var interval: Double
    /// How grams are to be computed, as the user said it.
    public var carbon: CarbonSettings
    /// The process that writes, to tell a dead writer from a living one.
    public var writerPID: Int32
    /// What tells that process from a later one with its number; `nil` in ledgers of the first schema.
    public var writerBirth: ProcessBirth?
    /// Where its marks are, for a recovery.
    public var marksPath: String?

    /// The start of a run; the arguments are the properties of the same names.
    public init(
        id: String,
        name: String,
        command: [String],
        tags: [String: String] = [:],
        role: RunRole = .measurement,
        place: ArmPlace? = nil,
        host: Host,
        job: Job? = nil,
        startedAt: Int64,
        start: Int64,
        interval: Double,
        carbon: CarbonSettings = CarbonSettings(),
        writerPID: Int32,
        writerBirth: ProcessBirth? = nil,
        marksPath: String? = nil
    ) {
        self.id = id
        self.name = name
        self.command = command
        self.tags = tags
        self.role = role
        self.place = place
        self.host = host
        self.job = job
        self.startedAt = startedAt
        self.start = start
        self.interval = interval
        self.carbon = carbon
        self.writerPID = writerPID
        self.writerBirth = writerBirth
        self.marksPath = marksPath
    }
}

/// All that is added when a run ends.
public struct RunEnd: Sendable, Codable, Hashable {
    /// `finished` or `interrupted`.
    public var state: RunState
    /// The command's status as a shell says it; `nil` where it is not known.
    public var exitStatus: Int32?
    /// The reaping on `CLOCK_MONOTONIC`, nanoseconds; of an interrupted run its last sample.
    public var end: Int64
    public var marks: Marks
    public var account: EnergyAccount
    /// Last value of each metric.
    public var metrics: [String: Double]
    /// Sum of each count.
    public var counts: [String: Int]
    /// What the workload said about itself.
    public var info: [String: String]
    public var sampler: SamplerReport?
    /// What else went on in the machine; `nil` where nobody looked.
    public var surroundings: Surroundings?
    public var warnings: [String]

    /// The end of a run; the arguments are the properties of the same names.
    public init(
        state: RunState,
        exitStatus: Int32?,
        end: Int64,
        marks: Marks,
        account: EnergyAccount,
        metrics: [String: Double] = [:],
        counts: [String: Int] = [:],
        info: [String: String] = [:],
        sampler: SamplerReport? = nil,
        surroundings: Surroundings? = nil,
        warnings: [String] = []
    ) {
        self.state = state
        self.exitStatus = exitStatus
        self.end = end
        self.marks = marks
        self.account = account
        self.metrics = metrics
        self.counts = counts
        self.info = info
        self.sampler = sampler
        self.surroundings = surroundings
        self.warnings = warnings
    }
}

/// A run as the ledger holds it, without its samples.
///
/// Its parts are shared between copies: a comparison moves tens of thousands of runs about.
public struct RunRecord: Sendable, Hashable {
    @usableFromInline
    final class Parts: Sendable {
        @usableFromInline let start: RunStart
        @usableFromInline let end: RunEnd?

        @usableFromInline
        init(start: RunStart, end: RunEnd?) {
            self.start = start
            self.end = end
        }
    }

    @usableFromInline var parts: Parts

    /// A run; `end` is `nil` while it runs.
    public init(start: RunStart, end: RunEnd?) {
        parts = Parts(start: start, end: end)
    }

    @inlinable public var start: RunStart {
        get { parts.start }
        set { parts = Parts(start: newValue, end: parts.end) }
    }

    /// `nil` while it runs.
    @inlinable public var end: RunEnd? {
        get { parts.end }
        set { parts = Parts(start: parts.start, end: newValue) }
    }

    /// Whether all that is known of two runs is equal.
    public static func == (a: RunRecord, b: RunRecord) -> Bool {
        a.parts === b.parts || a.start == b.start && a.end == b.end
    }

    /// Feeds the start alone, which tells runs apart.
    public func hash(into hasher: inout Hasher) { hasher.combine(start) }

    /// The state that follows from what is there.
    public var state: RunState { end?.state ?? .running }
    /// Spawn to reap in seconds; `nil` while it runs, and where it was interrupted before a sample was stored.
    public var duration: Double? {
        guard let end, end.end > start.start else { return nil }
        return Double(end.end - start.start) * 1e-9
    }
}
