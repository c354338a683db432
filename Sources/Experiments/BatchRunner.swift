public import Carbon
public import Ledger
public import Metering

import struct Foundation.Data
import class Foundation.Thread
import struct Foundation.URL

/// Carries out a plan of scaling through Slurm, a job a run, and goes on where an earlier call stopped.
public struct BatchRunner: Sendable {
    /// How often the queue is asked.
    public struct Polling: Sendable, Hashable {
        /// Seconds between two questions: at first, as long as nothing changes half as long again each time, at most.
        public var first = 1.0
        public var longest = 60.0
        /// Questions in a row that may go unanswered.
        public var patience = 10
        /// Seconds that a shared file system may take to show what a job left.
        public var settling = 30.0

        /// As it is meant for a cluster.
        public init() {}
    }

    let plan: Plan
    let ledger: LedgerFile
    let host: Host
    let carbon: CarbonSettings
    let meter: String
    private let meterOptions: [String]
    let polling: Polling

    /// A runner of one plan, whose grams are computed by `carbon`.
    ///
    /// - Parameters:
    ///   - host: This machine, for runs of which nothing came back.
    ///   - meter: The full path of `wattbook`, which the nodes see as well.
    ///   - meterOptions: What else its `run` is told, as `--probe`.
    public init(
        plan: Plan,
        ledger: LedgerFile,
        host: Host,
        carbon: CarbonSettings,
        meter: String,
        meterOptions: [String] = [],
        polling: Polling = Polling()
    ) {
        self.plan = plan.ofJobs
        self.ledger = ledger
        self.host = host
        self.carbon = carbon
        self.meter = meter
        self.meterOptions = meterOptions
        self.polling = polling
        warmup = plan.warmup
    }

    private let warmup: Int

    /// The experiment of this plan in the ledger, else a new one.
    ///
    /// - Parameter anew: Makes a new one in any case.
    public func experiment(anew: Bool = false) throws -> ExperimentRecord {
        try plan.experiment(in: ledger, anew: anew)
    }

    /// Submits what is still to be run, waits for it, and brings its ledgers into this one.
    ///
    /// A job that failed, ran out of time or was cancelled is a run that failed, with its reason; the others go on.
    ///
    /// - Parameters:
    ///   - waits: Whether to wait for the jobs; else they are submitted, those that have ended are brought in, and the
    ///     call returns.
    ///   - retries: Submits again what failed in earlier calls.
    /// - Throws: ``Interruption`` after an ending signal, ``SlurmUnavailable``, ``JobFolderError``, ``MergeFailure``, or
    ///   what the ledger throws. Jobs go on in any case.
    public func run(
        _ experiment: ExperimentRecord,
        waits: Bool = true,
        retries: Bool = false,
        _ tell: (ExperimentEvent) -> Void
    ) throws {
        let runs = try ledger.runs(ofExperiment: experiment.id)
        let journal = try JobJournal(ledger: ledger.path, experiment: experiment.id)
        let course = Course(plan: plan, seed: experiment.seed, runs: runs, keepsFailures: !retries)
        var batch = Batch(course: course, journal: journal)
        batch.takeUp(known: Set(runs.compactMap { $0.start.tags[Batch.folderTag] }))
        Signals.hold()
        defer { Signals.release() }
        tell(.begins(experiment, batch.progress))
        var (interval, failures) = (polling.first, 0)
        while true {
            if let (blocks, wanted) = batch.course.chooseBlocks() {
                tell(.firstStageEnds(blocks: blocks, wanted: wanted, batch.progress))
            }
            try submit(&batch, experiment, tell)
            guard !batch.active.isEmpty else {
                if batch.course.open.isEmpty { return }
                continue
            }
            if let signal = Signals.received { throw Interruption(signal: signal) }
            do {
                let ended = try bringIn(&batch, experiment, tell)
                failures = 0
                if ended { interval = polling.first }
                if !waits, !ended { return }
            } catch let error as SlurmUnavailable where !error.isMissing && waits && failures < polling.patience {
                failures += 1
            }
            if batch.active.isEmpty { continue }
            rest(interval)
            interval = min(polling.longest, interval * 1.5)
        }
    }

    /// Waits, or for a signal.
    private func rest(_ seconds: Double) {
        let end = monotonicNow() + Int64(seconds * 1e9)
        while Signals.received == nil, case let left = end - monotonicNow(), left > 0 {
            Thread.sleep(forTimeInterval: min(0.1, Double(left) * 1e-9))
        }
    }

    // MARK: Submitting

    /// Submits open runs until as many wait or run as may.
    private func submit(
        _ batch: inout Batch,
        _ experiment: ExperimentRecord,
        _ tell: (ExperimentEvent) -> Void
    ) throws {
        let limit = plan.scaling?.batch.atOnce ?? 1
        let queue = SlurmQueue()
        while batch.active.count < limit, let position = batch.next {
            if Signals.received != nil { return }
            if let lost = batch.unnamed(position) {
                // An earlier call was cut between sbatch's work and its word.
                let name = JobScript.name(experiment.id, lost.position, lost.attempt)
                if let job = try batch.jobOfFolder(lost) ?? queue.find(name) {
                    try batch.accept(lost, job: job)
                    continue
                }
            }
            let entry = try batch.journal.begin(position)
            let folder = batch.journal.folder(of: entry)
            let script = plan.jobScript(
                batch.course.steps[position],
                name: JobScript.name(experiment.id, position, entry.attempt),
                folder: folder,
                warmup: warmup,
                meter: meter,
                meterOptions: meterOptions
            )
            do {
                try Data(script.text.utf8).write(to: URL(fileURLWithPath: folder + "/job.sh"))
            } catch {
                throw JobFolderError(path: folder)
            }
            do {
                try batch.accept(entry, job: queue.submit(folder + "/job.sh", output: folder + "/output"))
            } catch let refusal as SubmissionRefused {
                if refusal.isForNow, !batch.active.isEmpty { return }
                try fail(&batch, entry, experiment, "sbatch refused it: \(refusal.reason).", status: nil, tell)
            }
        }
    }
}
