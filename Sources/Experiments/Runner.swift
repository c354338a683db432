public import Carbon
import Foundation
public import Ledger
import Metering
import SystemPackage

/// What a person who waits is told.
public enum ExperimentEvent: Sendable {
    /// An experiment starts, or goes on after `done` of `total` runs.
    case begins(ExperimentRecord, done: Int, total: Int)
    /// A run starts: its arm, its role, its place in the order.
    case runBegins(label: String, role: RunRole, position: Int, total: Int)
    /// A run has ended.
    case runEnds(RunRecord, position: Int, total: Int)
    /// The first stage says how many blocks are wanted; `blocks` of them will be run, `left` runs in all.
    case firstStageEnds(blocks: Int, wanted: Int, left: Int)
}

/// A run that ended an experiment early.
public struct RunFailure: Error, Sendable, CustomStringConvertible {
    /// The experiment's name, and the run's arm.
    public var experiment: String
    public var label: String
    public var status: Int32
    /// The last lines that it wrote.
    public var output: String

    /// What happened, the last words of the command, and what to do.
    public var description: String {
        let words = output.isEmpty ? "It wrote nothing." : "Its last words:\n\(output)"
        return "The run \(label) of \(experiment) ended with status \(status). \(words)\n"
            + "What was measured is kept: put it right and call the same command again, which goes on at this run."
    }
}

/// Carries out a plan, one run after the other, and goes on where an earlier call stopped.
public struct Runner: Sendable {
    private let plan: Plan
    private let measurement: Measurement
    private let carbon: CarbonSettings

    /// A runner of one plan, whose grams are computed by `carbon`.
    public init(plan: Plan, measurement: Measurement, carbon: CarbonSettings) {
        self.plan = plan
        self.measurement = measurement
        self.carbon = carbon
    }

    /// The experiment of this plan in the ledger: the newest of the same name and text, else a new one.
    ///
    /// - Parameter anew: Makes a new one in any case.
    public func experiment(anew: Bool = false) throws -> ExperimentRecord {
        let ledger = measurement.ledger
        if !anew, let known = try ledger.experiments().first(where: { $0.name == plan.name && $0.plan == plan.text }) {
            return known
        }
        let now = wallNow()
        let record = ExperimentRecord(
            id: newID(at: now),
            name: plan.name,
            createdAt: now,
            plan: plan.text,
            factors: plan.factors,
            listedArms: plan.listedArms,
            baseline: plan.baseline,
            repeats: plan.repeats,
            until: plan.until,
            warmup: plan.warmup,
            order: plan.order.rawValue,
            // 53 bits, so that every reader of JSON keeps it whole.
            seed: plan.seed ?? UInt64.random(in: 0..<(1 << 53)),
            quality: plan.quality,
            warnings: plan.warnings
        )
        try ledger.add(record)
        return record
    }

    /// Runs what is still to be run.
    ///
    /// - Throws: ``RunFailure`` where a command fails, `SpawnError` where it cannot be started; what the ledger
    ///   throws where a run could not be stored.
    public func run(_ experiment: ExperimentRecord, _ tell: (ExperimentEvent) -> Void) throws {
        let steps = plan.steps(seed: experiment.seed)
        var done = try completed(experiment)
        // The most blocks to run: all, or until the first stage has told.
        var blocks = plan.until?.firstStage ?? plan.repeats
        let left = { steps.indices.count { steps[$0].block < blocks && done[$0] == nil } }
        tell(.begins(experiment, done: done.count, total: done.count + left()))
        var isRested = true
        for (position, step) in steps.enumerated() where done[position] == nil {
            if step.block >= blocks, let until = plan.until, blocks == until.firstStage {
                let wanted = plan.wantedBlocks(firstStage: Array(done.values))
                blocks = min(plan.repeats, wanted)
                tell(.firstStageEnds(blocks: blocks, wanted: wanted, left: left()))
            }
            guard step.block < blocks else { continue }
            if !isRested, plan.cooldown > 0 { Thread.sleep(forTimeInterval: Double(plan.cooldown) * 1e-9) }
            isRested = false
            let label = step.role == .idle ? "idle" : plan.label(of: step.levels)
            let total = done.count + left()
            tell(.runBegins(label: label, role: step.role, position: done.count, total: total))
            let place = ArmPlace(
                experimentID: experiment.id,
                levels: step.levels,
                block: step.block,
                position: position
            )
            let run = try run(step, label, place)
            tell(.runEnds(run, position: done.count, total: total))
            done[position] = run
        }
    }

    /// The runs that need not be run again, by their position.
    private func completed(_ experiment: ExperimentRecord) throws -> [Int: RunRecord] {
        var done: [Int: RunRecord] = [:]
        for run in try measurement.ledger.runs(ofExperiment: experiment.id) {
            guard run.state == .finished, run.end?.exitStatus == 0, let place = run.start.place else { continue }
            done[place.position] = run
        }
        return done
    }

    private func run(_ step: Step, _ label: String, _ place: ArmPlace) throws -> RunRecord {
        let log = try RunFile.create(id: newID(at: wallNow()), suffix: "log")
        defer {
            try? log.file.close()
            try? FileManager.default.removeItem(atPath: log.path)
        }
        var (command, environment) = plan.command(of: step)
        if step.role == .idle { command = ["sleep", "\(Double(plan.idle) * 1e-9)"] }
        let outcome = try measurement.measure(
            MeasurementRequest(
                command: command,
                name: label,
                role: step.role,
                place: place,
                carbon: carbon,
                interval: plan.interval,
                environment: environment,
                output: .file(log.file)
            )
        )
        if let failure = outcome.ledgerFailure { throw failure }
        if let status = outcome.run.end?.exitStatus, status != 0 {
            throw RunFailure(experiment: plan.name, label: label, status: status, output: lastLines(of: log.path))
        }
        return outcome.run
    }

    private func lastLines(of path: String) -> String {
        let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        return text.split(separator: "\n").suffix(5).map { "    " + $0 }.joined(separator: "\n")
    }
}
