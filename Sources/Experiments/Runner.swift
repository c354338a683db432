public import Carbon
import Foundation
public import Ledger
public import Metering
import Quantities
import SystemPackage

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

/// A run that its ledger would not take, and that is kept elsewhere.
public struct RescuedRun: Error, Sendable {
    /// Why the ledger would not take it.
    public var cause: any Error
    /// The ledger of its own that holds it.
    public var rescue: String
}

/// A signal that ended an experiment early.
public struct Interruption: Error, Sendable, CustomStringConvertible {
    public var signal: EndingSignal

    /// What happened, and what to do.
    public var description: String { "interrupted; the same call goes on." }
}

/// A run that no sensor can resolve, so that its arm will give no answer.
public struct UnresolvedWindow: Error, Sendable, CustomStringConvertible {
    public var label: String
    /// Seconds.
    public var duration: Double

    /// What happened, and what to do.
    public var description: String {
        "The run \(label) lasted \(Quantities.duration(Seconds(duration))), and no sensor here resolves that. "
            + "Give it more to do, or run it all the same with --force."
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

    /// The newest experiment of this plan's name and text in the ledger.
    public func known() throws -> ExperimentRecord? { try plan.newestExperiment(in: measurement.ledger) }

    /// The experiment of this plan in the ledger, else a new one.
    ///
    /// - Parameter anew: Makes a new one in any case.
    public func experiment(anew: Bool = false) throws -> ExperimentRecord {
        if !anew, let known = try known() { return known }
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
            target: plan.target,
            smallestRelevantSaving: plan.smallestRelevantSaving,
            published: plan.published,
            warnings: plan.warnings
        )
        try measurement.ledger.add(record)
        return record
    }

    /// Runs what is still to be run.
    ///
    /// Its commands have no terminal, so that a key that ends or stops reaches the experiment, whatever they do with
    /// the signal. One that ends cuts the run, which will be run again.
    ///
    /// - Parameters:
    ///   - onlyPilot: Stops after the warm-ups (the first block where there are none), once something is known.
    ///   - force: Goes on where a run is too short for every sensor.
    /// - Throws: ``Interruption`` after an ending signal, ``RunFailure`` where a command fails, ``UnresolvedWindow``,
    ///   `SpawnError` where it cannot be started; ``RescuedRun``, or what the ledger throws, where a run could not be stored.
    public func run(
        _ experiment: ExperimentRecord,
        onlyPilot: Bool = false,
        force: Bool = false,
        _ tell: (ExperimentEvent) -> Void
    ) throws {
        var course = Course(
            plan: plan,
            seed: experiment.seed,
            runs: try measurement.ledger.runs(ofExperiment: experiment.id)
        )
        Signals.hold()
        defer { Signals.release() }
        tell(.begins(experiment, course.progress))
        var isRested = true
        while true {
            if let (blocks, wanted) = course.chooseBlocks() {
                tell(.firstStageEnds(blocks: blocks, wanted: wanted, course.progress))
            }
            guard let position = course.open.first else { return }
            let step = course.steps[position]
            if onlyPilot, step.block >= (plan.warmup > 0 ? 0 : 1) || !course.done.isEmpty && step.role == .idle {
                return
            }
            if !isRested { rest() }
            isRested = false
            if let signal = Signals.received { throw Interruption(signal: signal) }
            let label = step.role == .idle ? "idle" : plan.label(of: step.levels)
            tell(.runBegins(label: label, role: step.role, course.progress))
            let place = ArmPlace(
                experimentID: experiment.id,
                levels: step.levels,
                block: step.block,
                position: position
            )
            let run = try run(step, label, place)
            course.finish(position, run)
            tell(.runEnds(run, course.progress))
            if !force, run.end?.account.total.joules == nil, step.role != .idle {
                throw UnresolvedWindow(label: label, duration: run.duration ?? 0)
            }
        }
    }

    /// Waits for the machine to cool down, or for a signal.
    private func rest() {
        let end = monotonicNow() + plan.cooldown
        while Signals.received == nil, case let left = end - monotonicNow(), left > 0 {
            Thread.sleep(forTimeInterval: min(0.1, Double(left) * 1e-9))
        }
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
                input: .none,
                output: .file(log.file)
            )
        )
        if let failure = outcome.ledgerFailure {
            throw outcome.rescue.map { RescuedRun(cause: failure, rescue: $0) } ?? failure
        }
        if outcome.run.state == .interrupted, let signal = Signals.received { throw Interruption(signal: signal) }
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
