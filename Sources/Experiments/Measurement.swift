public import Carbon
public import Discovery
public import Ledger
public import Metering
import SystemPackage

import class Foundation.FileManager
import class Foundation.ProcessInfo

/// One command that is to be measured, and how.
public struct MeasurementRequest: Sendable {
    public var command: [String]
    /// Its words byte for byte, each with a closing zero, where they may not be UTF-8.
    public var words: [[CChar]]?
    public var name: String
    public var tags: [String: String]
    public var role: RunRole
    public var place: ArmPlace?
    public var carbon: CarbonSettings
    /// Nanoseconds between two readings.
    public var interval: Int64
    /// Variables beside those that the command inherits.
    public var environment: [String: String]
    /// What the command reads.
    public var input: Child.Input
    /// Where what the command writes goes.
    public var output: Child.Output

    /// A request; the arguments are the properties of the same names.
    public init(
        command: [String],
        words: [[CChar]]? = nil,
        name: String,
        tags: [String: String] = [:],
        role: RunRole = .measurement,
        place: ArmPlace? = nil,
        carbon: CarbonSettings = CarbonSettings(),
        interval: Int64 = 100_000_000,
        environment: [String: String] = [:],
        input: Child.Input = .inherited,
        output: Child.Output = .inherited
    ) {
        self.command = command
        self.words = words
        self.name = name
        self.tags = tags
        self.role = role
        self.place = place
        self.carbon = carbon
        self.interval = interval
        self.environment = environment
        self.input = input
        self.output = output
    }
}

/// A measured run, and what kept it from the ledger, if anything did.
public struct MeasurementOutcome: Sendable {
    public var run: RunRecord
    /// The last failure to write; the run above is complete all the same.
    public var ledgerFailure: (any Error)?
    /// The ledger of its own that holds the run in that case, where one could be written.
    public var rescue: String?
    /// The signal from the terminal that the caller should die of, so that who called it stops as well.
    public var terminalSignal: Int32?
}

/// Measures commands with the sensors of one inventory into one ledger.
public struct Measurement: Sendable {
    let ledger: LedgerFile
    private let inventory: Inventory
    private var host: Host
    private let root: String
    private let rescueFolder: String

    /// A measurement with everything that it needs.
    ///
    /// - Parameters:
    ///   - root: The machine's files, where what else goes on is looked up.
    ///   - rescueFolder: Where a run goes that the ledger would not take (default: the folder for temporary files).
    public init(
        ledger: LedgerFile,
        inventory: Inventory,
        host: Host,
        root: String = "/",
        rescueFolder: String? = nil
    ) {
        self.ledger = ledger
        self.inventory = inventory
        self.host = host
        self.host.gpus = inventory.gpus
        self.root = root
        self.rescueFolder = rescueFolder ?? RunFile.folder.string
    }

    /// Runs the command to its end under the meter.
    ///
    /// Reading starts before the command's first instruction and ends after it is reaped. Samples go to the
    /// ledger every 0.8 s; where that fails they are kept and tried again, and in the end go to a ledger of their
    /// own in the folder for temporary files. Signals end the process only after that. A run of an experiment that
    /// one of them cut is kept as interrupted, whatever its command made of it.
    ///
    /// - Throws: `SpawnError` where the command cannot be started; then no run is kept.
    public func measure(_ request: MeasurementRequest) throws -> MeasurementOutcome {
        let id = newID(at: wallNow())
        let marksFile = try RunFile.create(id: id, suffix: "marks")
        try marksFile.file.close()
        var keepsMarks = false
        defer { if !keepsMarks { try? FileManager.default.removeItem(atPath: marksFile.path) } }

        var child = try Child.spawn(
            command: request.command,
            words: request.words,
            variables: request.environment.merging(["WATTBOOK_MARKS": marksFile.path]) { _, own in own },
            input: request.input,
            output: request.output
        )
        Signals.hold()
        defer { Signals.release() }
        let job = Job.read(environment: ProcessInfo.processInfo.environment)
        // One rank of a node reads its sensors; the others would count them again.
        let samplers = try (job?.samples ?? true ? inventory.open(for: child.pid) : []).map { group in
            try Sampler(group.probes, interval: group.cadence ?? request.interval)
        }
        let streams = samplers.map(\.channels)
        let (watch, used) = (SurroundingsWatch(root: root, job: job), ownCPUTime())
        // The counters' first readings come last: a slow source takes its time.
        let isAligned = job?.isAligned ?? false
        for sampler in samplers.reversed() { try sampler.start(aligned: isAligned) }
        try child.resume()
        let start = RunStart(
            id: id,
            name: request.name,
            command: request.command,
            tags: request.tags,
            role: request.role,
            place: request.place,
            host: host,
            job: job,
            startedAt: wallNow() - (monotonicNow() - child.start) / 1000,
            start: child.start,
            interval: Double(request.interval) * 1e-9,
            carbon: request.carbon,
            writerPID: ProcessInfo.processInfo.processIdentifier,
            writerBirth: ProcessBirth(of: ProcessInfo.processInfo.processIdentifier),
            marksPath: marksFile.path
        )
        let nudge = samplers.first?.nudge
        let writer = SampleWriter(samplers, SampleJournal(ledger: ledger, start: start, streams: streams))
        // A kill costs no more than a second: this, the age of the last reading, and what a transaction takes.
        let beat = try Beat(every: 800_000_000, aligned: isAligned) { writer.write() }
        // A mark asks for a reading, so that the ends of regions need not be guessed from the beat's.
        let writers = try? MarkWriters(path: marksFile.path)
        let marksWatch = try? FileWatch(path: marksFile.path, also: { writers?.look() ?? [] }) { nudge?() }
        let (status, end) = try child.wait()
        marksWatch?.stop()
        let cut = Signals.received
        let surroundings = watch.finish(seconds: Double(end - start.start) * 1e-9, own: ownCPUTime() - used)
        beat.stop()
        var (journal, report, remarks) = writer.finish()

        var marks = (try? Marks.read(path: marksFile.path)) ?? Marks()
        writers?.look()
        // The run ends with the command's own process.
        let closed = marks.close(at: writers?.ends.filter { $0.key != child.pid } ?? [:])
        let regions = marks.regions(until: end)
        let energy = account(
            traces: try journal.traces(),
            start: start.start,
            end: end,
            marks: marks,
            regions: regions,
            interval: request.interval
        )
        let warnings = [
            energy.warnings, Inventory.disagreements(in: energy, seconds: Double(end - start.start) * 1e-9),
            job?.samples == false ? job?.marksAlone ?? [] : inventory.warnings, remarks,
            marks.warnings(of: regions), [closed].compactMap(\.self),
            // An idle measurement is of watts: nobody asks for its grams.
            request.role == .idle ? [] : [request.carbon.warning].compactMap(\.self),
        ]
        var result = RunEnd(
            state: cut != nil && request.place != nil ? .interrupted : .finished,
            exitStatus: status,
            end: end,
            marks: marks,
            account: energy,
            metrics: marks.metrics,
            counts: energy.counts(with: marks.counts),
            info: marks.info,
            sampler: report,
            surroundings: surroundings,
            warnings: warnings.flatMap { $0 }
        )
        result.shortenMarks()
        journal.finish(result)
        var outcome = MeasurementOutcome(run: RunRecord(start: start, end: result))
        outcome.terminalSignal = child.terminalSignal
        // A key that was pressed after the command's end meant the meter.
        if cut == nil, let late = Signals.received, late.isFromTerminal { outcome.terminalSignal = late.number }
        if let failure = journal.failure {
            outcome.ledgerFailure = failure
            outcome.rescue = rescue(outcome.run, try journal.traces())
            keepsMarks = outcome.rescue == nil
        }
        return outcome
    }

    /// Writes a run to a ledger of its own, and says where; `nil` where that fails too.
    private func rescue(_ run: RunRecord, _ traces: [Trace]) -> String? {
        let path = "\(rescueFolder)/wattbook-\(run.start.id).sqlite"
        do {
            let ledger = try LedgerFile(path: path, mode: .readWrite)
            var start = run.start
            // The other ledger has the run as far as it came, and the experiment that it belongs to.
            start.id = newID(at: wallNow())
            start.tags["rescued"] = run.start.id
            start.place = nil
            try ledger.begin(start, channels: traces.map(\.channels))
            for (stream, trace) in traces.enumerated() { try ledger.append(start.id, stream: stream, trace) }
            if let end = run.end { try ledger.finish(start.id, end) }
            return path
        } catch {
            return nil
        }
    }
}

extension Job {
    /// Says of a rank that it reads no sensor.
    fileprivate var marksAlone: [String] {
        [
            "Local rank \(localRank ?? 0) only marks its regions, and no event is counted: "
                + "local rank 0 reads this node's sensors."
        ]
    }
}
