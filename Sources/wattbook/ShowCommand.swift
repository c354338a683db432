import Analysis
import ArgumentParser
import Carbon
import Ledger
import Metering
import Quantities
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

    @Flag(help: "Also the grams as kilometres by car and the like, each as a range with its source.")
    var equivalents = false

    mutating func run() throws {
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readOnly)
        let record = try ledger.record(ledger.resolve(reference))
        try carbonOptions.refuseLive()
        let carbon = try ledger.accounts(of: record, options: carbonOptions)
        let idle = try ledger.idlePower(for: record)
        if options.json {
            options.out.raw(runDocument(record, carbon: carbon, idle: idle))
            return
        }
        let power = try power(of: record, in: ledger)
        RunSummary(run: record, carbon: carbon, idle: idle, power: power).print(to: options.out, detailed: true)
        if equivalents, let account = carbon.first { try print(equivalents: account, to: options.out) }
    }

    /// More parts than these take longer to read than a picture is worth.
    private static let mostParts = 512

    private func power(of run: RunRecord, in ledger: LedgerFile) throws -> [Double] {
        guard let end = run.end else { return [] }
        guard let job = end.job else {
            return powerProfile(
                traces: try ledger.traces(run.start.id),
                start: run.start.start,
                end: end.end,
                steps: 60
            )
        }
        guard job.parts.count <= Self.mostParts else { return [] }
        return try jobPowerProfile(of: run, parts: ledger.parts(of: job), steps: 60) {
            try ledger.readableTraces($0).traces
        }
    }

    private func print(equivalents account: CarbonAccount, to terminal: Terminal) throws {
        terminal.line()
        terminal.line("  \(account.total.formatted(uncertainty: account.uncertainty)) is about as much as")
        for one in try Equivalent.list(account.total, uncertainty: account.uncertainty) {
            terminal.item("  ", "\(one.text)  \(terminal.dim(one.source))")
        }
    }
}
