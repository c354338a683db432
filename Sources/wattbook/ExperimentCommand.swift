import Analysis
import ArgumentParser
import Configuration
import Discovery
import Experiments
import Ledger
import Metering
import Quantities
import Reporting

/// `wattbook experiment PLAN.yaml`: runs what is planned; called again, it goes on where it stopped.
struct ExperimentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "experiment",
        abstract: "Run a designed experiment; interrupted, the same call resumes it."
    )

    @OptionGroup var options: GlobalOptions
    @OptionGroup var carbonOptions: CarbonOptions
    @OptionGroup var sensors: SensorOptions
    @Argument(help: "The plan, a YAML file.") var plan: String

    @Flag(name: .customLong("new"), help: "Start anew instead of going on with the experiment of the same plan.")
    var anew = false

    @Flag(name: .customLong("dry-run"), help: "Show arms, order and what they are expected to take; run nothing.")
    var isDryRun = false

    @Flag(name: .customLong("pilot"), help: "Run the warm-ups alone, and tell what the rest is expected to take.")
    var onlyPilot = false

    @Flag(help: "Run a plan that can give no answer: one repeat, no baseline, runs too short for every sensor.")
    var force = false

    mutating func run() throws {
        let plan = try Plan(path: plan, force: force)
        if plan.scaling?.record.launch == .sbatch {
            throw PlanError(
                path: plan.path,
                line: 0,
                problem: "The runs of this plan are jobs.",
                remedy: "Run it with `wattbook scaling \(plan.path)`."
            )
        }
        let host = Host.read(root: options.rootPath)
        let settings = try carbonOptions.settings(host: host, plan: plan.carbon, path: plan.path)
        if isDryRun { return try showDryRun(of: plan) }
        try settings.checkCoversNow()
        let inventory = try sensors.inventory(root: options.rootPath)
        let ledger = try options.ledgerToAppend(host: host)
        let lock = try PlanLock(plan: plan, ledger: ledger.path)
        defer { withExtendedLifetime(lock) {} }
        try ledger.recover(host: host)
        let measurement = Measurement(ledger: ledger, inventory: inventory, host: host, root: options.rootPath)
        let runner = Runner(plan: plan, measurement: measurement, carbon: settings)
        let experiment = try runner.experiment(anew: anew)
        let progress = ExperimentProgress(terminal: options.err)
        do {
            try runner.run(experiment, onlyPilot: onlyPilot, force: force) { progress.show($0) }
        } catch {
            progress.clear()
            throw error
        }
        if onlyPilot { return progress.showExpectation() }

        let runs = try ledger.accountedRuns(of: experiment) { options.err.line("wattbook: \($0)") }
        let result = try study(experiment: experiment, runs: runs)
        if options.json {
            options.out.raw(try report(on: result, idle: idlePower(of: runs)).json.text)
        } else {
            StudySummary(study: result).print(to: options.out)
        }
    }

    /// What would be run, and what it would take as far as runs of this plan tell; the ledger is only read.
    private func showDryRun(of plan: Plan) throws {
        let ledger = try? LedgerFile(path: options.ledgerPath, mode: .readOnly)
        let known = anew ? nil : try ledger.flatMap { try plan.newestExperiment(in: $0) }
        let runs = try known.map { try ledger?.runs(ofExperiment: $0.id) ?? [] } ?? []
        let preview = plan.preview(experiment: known, runs: runs)
        let out = options.out
        out.line("\(out.bold(plan.name)): \(preview.progress.total) runs, of which \(preview.progress.done) are done")
        out.line()
        printTable([["ARM", "COMMAND"]] + preview.arms.map { [$0.label, $0.command] }, to: out, leading: [0, 1])
        out.line()
        for (number, block) in preview.blocks.enumerated() {
            out.line("block \(number + 1)  \(block.joined(separator: "  "))")
        }
        if known?.seed ?? plan.seed == nil {
            out.line(out.dim("The seed, and with it the order, is drawn at the start."))
        }
        out.line()
        if let left = preview.progress.left {
            out.line("What is left takes about \(expectationWords(left)), by the runs that are done.")
        } else {
            out.line("What it takes is not known yet: --pilot runs the warm-ups alone and tells.")
        }
        for warning in plan.warnings { out.line(out.caution("! ") + warning) }
    }
}

/// A time and an energy in words.
func expectationWords(_ expectation: Expectation) -> String {
    let basis = expectation.isModelled ? " modelled" : ""
    return duration(expectation.duration) + (expectation.energy.map { " and \($0.formatted())\(basis)" } ?? "")
}
