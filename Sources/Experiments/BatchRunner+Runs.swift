import Ledger
import Metering

import class Foundation.ProcessInfo

extension BatchRunner {
    /// Brings in the runs of jobs that have ended; whether there was one.
    func bringIn(
        _ batch: inout Batch,
        _ experiment: ExperimentRecord,
        _ tell: (ExperimentEvent) -> Void
    ) throws -> Bool {
        let states = try SlurmQueue().states(of: batch.active.compactMap(\.job))
        var (waiting, running, hasEnded) = (0, 0, false)
        for entry in batch.active {
            switch states[entry.job ?? ""] ?? .ended(nil) {
            case .queued(let isRunning):
                if isRunning { running += 1 } else { waiting += 1 }
            case .ended(let word):
                let ending = JobEnding(folder: batch.journal.folder(of: entry), word: word)
                // What a job left may be seen here later than its end.
                if !ending.isWhole, batch.waited(entry) < polling.settling, ending.isSaidToBeWell {
                    running += 1
                } else {
                    try bringIn(&batch, entry, ending, experiment, tell)
                    hasEnded = true
                }
            }
        }
        tell(.jobs(waiting: waiting, running: running, batch.progress))
        return hasEnded
    }

    private func bringIn(
        _ batch: inout Batch,
        _ entry: JobJournal.Entry,
        _ ending: JobEnding,
        _ experiment: ExperimentRecord,
        _ tell: (ExperimentEvent) -> Void
    ) throws {
        let folder = batch.journal.folder(of: entry)
        guard let found = try JobLedgers(folder: folder, meter: meter).run() else {
            let reason = ending.failure ?? "its nodes left no ledger"
            let sentence = "Slurm job \(entry.job ?? "") \(reason)."
            return try fail(&batch, entry, experiment, sentence, status: ending.status, tell)
        }
        let failure = ending.failure ?? found.missing.map { "left a ledger that is not whole: \($0)" }
        let step = batch.course.steps[entry.position]
        try ledger.adopt(found.run, from: found.ledger) { start in
            start.name = plan.label(of: step.levels)
            start.role = .measurement
            start.place = place(experiment, step, entry)
            start.carbon = carbon
            start.tags.merge(tags(batch, entry)) { _, own in own }
            if let failure { start.tags[RunRecord.failureTag] = "Slurm job \(entry.job ?? "") \(failure)." }
        }
        let run = try ledger.record(found.run)
        if failure == nil, run.state == .finished, run.end?.exitStatus == 0 {
            batch.finish(entry, run)
            tell(.runEnds(run, batch.progress))
        } else {
            batch.fail(entry)
            let reason = failure ?? "ended with status \(run.end?.exitStatus ?? -1)"
            tell(.runFails(label: run.start.name, reason: "\(reason).\(ending.lastWords)", batch.progress))
        }
    }

    /// Enters a run of which nothing came back.
    func fail(
        _ batch: inout Batch,
        _ entry: JobJournal.Entry,
        _ experiment: ExperimentRecord,
        _ reason: String,
        status: Int32?,
        _ tell: (ExperimentEvent) -> Void
    ) throws {
        let step = batch.course.steps[entry.position]
        let (now, label) = (monotonicNow(), plan.label(of: step.levels))
        let start = RunStart(
            id: newID(at: wallNow()),
            name: label,
            command: plan.command(of: step).command,
            tags: tags(batch, entry).merging([RunRecord.failureTag: reason]) { _, own in own },
            place: place(experiment, step, entry),
            host: host,
            startedAt: wallNow(),
            start: now,
            interval: Double(plan.interval) * 1e-9,
            carbon: carbon,
            writerPID: ProcessInfo.processInfo.processIdentifier
        )
        let nothing = EnergyReading(
            joules: nil,
            uncertainty: nil,
            randomUncertainty: nil,
            basis: .measured,
            coverage: []
        )
        let end = RunEnd(
            state: .finished,
            exitStatus: status,
            end: now,
            marks: Marks(),
            account: EnergyAccount(total: nothing, channels: [], regions: []),
            warnings: [reason]
        )
        try ledger.begin(start, channels: [])
        try ledger.finish(start.id, end)
        batch.fail(entry)
        let words = JobEnding(folder: batch.journal.folder(of: entry), word: nil).lastWords
        tell(.runFails(label: label, reason: reason + words, batch.progress))
    }

    private func tags(_ batch: Batch, _ entry: JobJournal.Entry) -> [String: String] {
        var tags = [Batch.folderTag: Batch.key(entry)]
        tags["slurm_job"] = entry.job
        return tags
    }

    private func place(_ experiment: ExperimentRecord, _ step: Step, _ entry: JobJournal.Entry) -> ArmPlace {
        ArmPlace(experimentID: experiment.id, levels: step.levels, block: step.block, position: entry.position)
    }
}
