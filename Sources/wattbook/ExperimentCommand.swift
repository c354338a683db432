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

    @Flag(name: .customLong("new"), help: "Start anew instead of going on with the experiment of the same plan.")
    var anew = false

    mutating func run() throws {
        let plan = try Plan(path: plan)
        let host = Host.read(root: options.rootPath)
        let settings = try carbonOptions.settings(host: host, plan: plan.carbon)
        let inventory = try sensors.inventory(root: options.rootPath)
        let ledger = try options.ledgerToAppend(host: host)
        try ledger.recover(host: host)
        let measurement = Measurement(ledger: ledger, inventory: inventory, host: host, root: options.rootPath)
        let runner = Runner(plan: plan, measurement: measurement, carbon: settings)
        let experiment = try runner.experiment(anew: anew)
        let progress = ExperimentProgress(terminal: options.err)
        try runner.run(experiment) { progress.show($0) }

        let runs = try ledger.runs(ofExperiment: experiment.id)
        let result = try study(experiment: experiment, runs: runs)
        if options.json {
            options.out.raw(try report(on: result, idle: idlePower(of: runs)).json)
        } else {
            StudySummary(study: result).print(to: options.out)
        }
    }
}
