import Analysis
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
    @Argument(help: ArgumentHelp("A full id, a unique prefix, a name, `last` or `last~1`.", valueName: "run"))
    var reference: String

    mutating func run() throws {
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readOnly)
        let record = try ledger.record(ledger.resolve(reference))
        let carbon = try carbonOptions.accounts(of: record)
        let idle = try ledger.idlePower(for: record)
        if options.json {
            options.out.raw(runDocument(record, carbon: carbon, idle: idle))
            return
        }
        let traces = try ledger.traces(record.start.id)
        let power = record.end.map { end in
            powerProfile(traces: traces, start: record.start.start, end: end.end, steps: 60)
        }
        RunSummary(run: record, carbon: carbon, idle: idle, power: power ?? []).print(to: options.out, detailed: true)
    }
}
