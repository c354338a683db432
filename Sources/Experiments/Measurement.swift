public import Carbon
public import Discovery
public import Ledger
public import Metering

/// One command that is to be measured, and how.
public struct MeasurementRequest: Sendable {
    public var command: [String]
    public var name: String
    public var tags: [String: String]
    public var role: RunRole
    public var place: ArmPlace?
    public var carbon: CarbonSettings
    /// Nanoseconds between two readings.
    public var interval: Int64
    /// Whether the command's standard output goes to standard error.
    public var outputToError: Bool

    /// A request; the arguments are the properties of the same names.
    public init(
        command: [String],
        name: String,
        tags: [String: String] = [:],
        role: RunRole = .measurement,
        place: ArmPlace? = nil,
        carbon: CarbonSettings = CarbonSettings(),
        interval: Int64 = 100_000_000,
        outputToError: Bool = false
    ) {
        self.command = command
        self.name = name
        self.tags = tags
        self.role = role
        self.place = place
        self.carbon = carbon
        self.interval = interval
        self.outputToError = outputToError
    }
}

/// A measured run, and what kept it from the ledger, if anything did.
public struct MeasurementOutcome: Sendable {
    public var run: RunRecord
    /// The last failure to write; the run above is complete all the same.
    public var ledgerFailure: (any Error)?
}

/// Measures commands with the sensors of one inventory into one ledger.
public struct Measurement {
    private let ledger: LedgerFile
    private let inventory: Inventory
    private let host: Host

    /// A measurement with everything that it needs.
    public init(ledger: LedgerFile, inventory: Inventory, host: Host) {
        self.ledger = ledger
        self.inventory = inventory
        self.host = host
    }

    /// Runs the command to its end under the meter.
    ///
    /// Reading starts before the command's first instruction and ends after it is reaped. Samples go to the
    /// ledger once a second; where that fails they are kept and tried again, so that a full disk loses the run
    /// only if it stays full.
    ///
    /// - Throws: `SpawnError` where the command cannot be started; then no run is kept.
    public func measure(_ request: MeasurementRequest) throws -> MeasurementOutcome {
        let id = newRunID()
        let marksPath = try MarksFile.create(id: id)
        defer { MarksFile.remove(marksPath) }

        let child = try Child.spawn(
            command: request.command,
            environment: ["WATTBOOK_MARKS": marksPath],
            outputToError: request.outputToError
        )
        let sampler = try Sampler(inventory.open(), interval: request.interval)
        try sampler.start()
        let start = RunStart(
            id: id,
            name: request.name,
            command: request.command,
            tags: request.tags,
            role: request.role,
            place: request.place,
            host: host,
            startedAt: wallNow(),
            start: monotonicNow(),
            interval: Double(request.interval) * 1e-9,
            carbon: request.carbon,
            writerPID: currentProcess(),
            marksPath: marksPath
        )
        var journal = SampleJournal(ledger: ledger, run: id, channels: sampler.channels)
        journal.begin(start)
        try child.resume()

        while !child.hasEnded(within: 1_000_000_000) { journal.store(sampler.drain()) }
        let (status, end) = try child.wait()
        let samplerReport = sampler.stop()
        journal.store(sampler.drain())

        let marks = Marks.read(path: marksPath)
        let result = RunEnd(
            state: .finished,
            exitStatus: status,
            end: end,
            marks: marks,
            account: account(traces: try journal.traces(), start: start.start, end: end, marks: marks),
            metrics: marks.metrics,
            counts: marks.counts,
            info: marks.info,
            sampler: samplerReport,
            warnings: inventory.warnings + marks.warnings
        )
        journal.finish(result)
        return MeasurementOutcome(run: RunRecord(start: start, end: result), ledgerFailure: journal.failure)
    }
}
