import Analysis
import ArgumentParser
import Discovery
import Experiments
import Ledger
import Metering
import Quantities

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

    mutating func run() throws {
        let plan = try Plan(path: plan)
        let host = Host.read(root: options.rootPath)
        let inventory = try sensors.inventory(root: options.rootPath)
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readWrite)
        try ledger.recover()
        var merged = carbonOptions
        merged.zone = carbonOptions.zone ?? plan.carbon.zone
        merged.pue = carbonOptions.pue ?? plan.carbon.pue
        let runner = Runner(
            plan: plan,
            measurement: Measurement(ledger: ledger, inventory: inventory, host: host),
            carbon: try merged.settings(host: host)
        )
        let experiment = try runner.experiment()
        let progress = ExperimentProgress(terminal: options.err)
        try runner.run(experiment) { progress.show($0) }
        progress.finish()

        let result = try study(experiment: experiment, runs: ledger.runs(ofExperiment: experiment.id))
        if options.json {
            options.out.line(StudyDocument(result).text)
        } else {
            StudySummary(study: result).print(to: options.out)
        }
    }
}
