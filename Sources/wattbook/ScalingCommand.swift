import Analysis
import ArgumentParser
import Carbon
import Configuration
import Discovery
import Experiments
import Ledger
import Metering
import Reporting

import class Foundation.FileManager

/// `wattbook scaling PLAN.yaml`: strong and weak scaling, here or through Slurm; called again, it goes on.
struct ScalingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scaling",
        abstract:
            "Run strong and weak scaling with joules, here or through sbatch; interrupted, the same call goes on.",
        discussion: "The plan is one of an experiment with a key `scaling`; Scripts/plans holds examples."
    )

    @OptionGroup var options: GlobalOptions
    @OptionGroup var carbonOptions: CarbonOptions
    @OptionGroup var sensors: SensorOptions
    @Argument(help: "The plan, a YAML file.") var plan: String

    @Flag(name: .customLong("new"), help: "Start anew instead of going on with the experiment of the same plan.")
    var anew = false

    @Flag(name: .customLong("dry-run"), help: "Show the runs that are left, jobs as their scripts; run nothing.")
    var isDryRun = false

    @Flag(help: "Run again, or submit again, what failed in an earlier call.")
    var retry = false

    @Flag(
        name: .customLong("no-wait"),
        help: "Submit jobs, bring in those that have ended, and return; the same call later goes on."
    )
    var noWait = false

    @Flag(help: "Run a plan that can give no answer: one repeat, runs too short for every sensor.")
    var force = false

    mutating func run() throws {
        let plan = try Plan(path: plan, force: force)
        guard let scaling = plan.scaling?.record else {
            throw PlanError(
                path: plan.path,
                line: 0,
                problem: "The plan has no key `scaling`.",
                remedy: "Run it with `wattbook experiment`, or add `scaling: {over: threads, values: [1, 2, 4]}`."
            )
        }
        guard !noWait || scaling.launch == .sbatch else {
            throw ValidationError("--no-wait is for jobs, and this plan's launch is local. Leave it out.")
        }
        let host = Host.read(root: options.rootPath)
        let settings = try carbonOptions.settings(host: host, plan: plan.carbon, path: plan.path)
        if isDryRun { return try showDryRun(of: plan, scaling, host: host) }
        try settings.checkCoversNow()
        let inventory = scaling.launch == .local ? try sensors.inventory(root: options.rootPath) : nil
        let ledger = try options.ledgerToAppend(host: host)
        let lock = try PlanLock(plan: plan, ledger: ledger.path)
        defer { withExtendedLifetime(lock) {} }
        try ledger.recover(host: host)
        let progress = ExperimentProgress(terminal: options.err)
        let experiment: ExperimentRecord
        do {
            if let inventory {
                let measurement = Measurement(
                    ledger: ledger,
                    inventory: inventory,
                    host: host,
                    root: options.rootPath
                )
                let runner = Runner(plan: plan, measurement: measurement, carbon: settings)
                experiment = try runner.experiment(anew: anew)
                try runner.run(experiment, force: force, failures: retry ? .runAgain : .letBe) { progress.show($0) }
            } else {
                let runner = batchRunner(plan, ledger, host: host, carbon: settings)
                experiment = try runner.experiment(anew: anew)
                try runner.run(experiment, waits: !noWait, retries: retry) { progress.show($0) }
            }
        } catch {
            progress.clear()
            throw error
        }
        progress.clear()
        try show(experiment, in: ledger)
    }

    private func batchRunner(
        _ plan: Plan,
        _ ledger: LedgerFile,
        host: Host,
        carbon: CarbonSettings
    ) -> BatchRunner {
        BatchRunner(
            plan: plan,
            ledger: ledger,
            host: host,
            carbon: carbon,
            meter: ownPath,
            meterOptions: meterOptions
        )
    }

    /// The table of what there is; that nothing has ended yet is no failure of a call that does not wait.
    private func show(_ experiment: ExperimentRecord, in ledger: LedgerFile) throws {
        let runs = try ledger.accountedRuns(of: experiment) { options.err.line("wattbook: \($0)") }
        let counts = runs.contains { $0.start.role == .measurement && $0.state == .finished && $0.end?.exitStatus == 0 }
        if noWait, !counts {
            if options.json { options.out.raw(scalingDocument(experiment, study: nil)) }
            return
        }
        let study = try study(experiment: experiment, runs: runs)
        if options.json {
            options.out.raw(scalingDocument(experiment, study: study))
        } else {
            ScalingSummary(study: study).print(to: options.out)
        }
    }

    /// What would be run or submitted; the ledger is only read.
    private func showDryRun(of plan: Plan, _ scaling: ExperimentRecord.Scaling, host: Host) throws {
        let ledger = try? LedgerFile(path: options.ledgerPath, mode: .readOnly)
        let known = anew ? nil : try ledger.flatMap { try plan.newestExperiment(in: $0) }
        let runs = try known.map { try ledger?.runs(ofExperiment: $0.id) ?? [] } ?? []
        let out = options.out
        guard scaling.launch == .sbatch else {
            let preview = plan.preview(experiment: known, runs: runs)
            out.line(
                "\(out.bold(plan.name)): \(preview.progress.total) runs, of which \(preview.progress.done) are done"
            )
            out.line()
            printTable([["ARM", "COMMAND"]] + preview.arms.map { [$0.label, $0.command] }, to: out, leading: [0, 1])
            for warning in plan.warnings { out.line(out.caution("! ") + warning) }
            return
        }
        let jobs = plan.jobScripts(
            experiment: known,
            runs: runs,
            ledger: options.ledgerPath,
            meter: ownPath,
            meterOptions: meterOptions
        )
        let all = plan.arms.count * plan.repeats
        out.line("\(out.bold(plan.name)): \(all) jobs, of which \(jobs.count) are left to submit")
        for (label, script) in jobs {
            out.line()
            out.line(out.bold(label))
            out.raw(script)
        }
        for warning in plan.warnings { out.line(out.caution("! ") + warning) }
    }

    private var meterOptions: [String] {
        sensors.arguments + (options.rootPath == "/" ? [] : ["--root", options.rootPath])
    }

    private var ownPath: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "wattbook"
    }
}
