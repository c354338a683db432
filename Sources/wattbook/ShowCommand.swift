import ArgumentParser
import Ledger
import Metering
import Reporting

/// `wattbook show RUN`: one run, by device, region and time.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "One run: energy by device, regions, power over time."
    )

    @OptionGroup var options: GlobalOptions
    @OptionGroup var carbonOptions: CarbonOptions
    @Argument(help: "A full id, a unique prefix, a name, `last` or `last~1`.") var run: String

    mutating func run() throws {
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readOnly)
        let record = try ledger.record(ledger.resolve(run))
        let carbon = try carbonOptions.accounts(of: record)
        if options.json {
            options.out.line(runDocument(record, carbon: carbon))
            return
        }
        let power = try meanPower(of: ledger.traces(record.start.id), run: record, steps: 60)
        RunSummary(run: record, carbon: carbon, power: power).print(to: options.out, detailed: true)
    }
}
