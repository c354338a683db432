import Analysis
import ArgumentParser
import Carbon
import Discovery
import Experiments
import Glibc
import Ledger
import Metering
import Reporting

/// `wattbook run -- COMMAND`: measures one command and ends with its status.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Measure one command; its output passes through, the summary goes to stderr.",
        discussion: "Everything after the first word that is no option, or after `--`, is the command."
    )

    @OptionGroup var options: GlobalOptions
    @OptionGroup var carbonOptions: CarbonOptions
    @OptionGroup var sensors: SensorOptions
    @OptionGroup var jobOptions: JobOptions

    @Option(help: ArgumentHelp("Time between two readings, 1ms to 60s.", valueName: "time"))
    var interval = TimeSpan(nanoseconds: 100_000_000)

    @Option(help: "A name for the run (default: the program's).") var name: String?

    @Option(
        name: .customLong("tag"),
        parsing: .singleValue,
        help: ArgumentHelp("A label kept with the run.", valueName: "key=value")
    )
    var tags: [Tag] = []

    @Argument(parsing: .captureForPassthrough, help: "The command and its arguments.") var command: [String] = []

    mutating func validate() throws {
        if command.first == "--" {
            command.removeFirst()
        } else if let option = command.first, option.hasPrefix("-") {
            // The parser leaves everything from the first unknown word on to us, its own flags too.
            if option == "--help" || option == "-h" { throw CleanExit.helpRequest(Self.self) }
            if option == "--version" { throw CleanExit.message(WattbookCommand.configuration.version) }
            throw ValidationError("Unknown option '\(option)'. Say: wattbook run [OPTIONS] -- COMMAND [ARGUMENT...]")
        }
        guard !command.isEmpty else {
            throw ValidationError("There is no command to measure. Say: wattbook run -- COMMAND [ARGUMENT...]")
        }
        guard samplingIntervals.contains(interval.nanoseconds) else {
            throw ValidationError("The interval must lie between 1ms and 60s. Say for instance --interval 100ms.")
        }
    }

    mutating func run() throws {
        let host = Host.read(root: options.rootPath)
        let settings = try carbonOptions.settings(host: host)
        try settings.checkCoversNow()
        let inventory = try sensors.inventory(root: options.rootPath)
        for path in Spool.sweep() where !options.quiet {
            options.err.line("Brought what an earlier step left: \(path)")
        }
        let spool = try jobOptions.spool(options, host: host)
        if let remark = spool?.remark { options.err.line(remark) }
        let ledger =
            try spool.map { try LedgerFile(path: $0.ledgerPath, mode: .readWrite) }
            ?? options.ledgerToAppend(host: host)
        try ledger.recover(host: host)
        let measurement = Measurement(
            ledger: ledger,
            inventory: inventory,
            host: host,
            root: options.rootPath,
            rescueFolder: spool?.folder
        )
        // Who ends a job kills what is left of it soon after: from then on the job's folder has what there is.
        let watch = try spool.map { spool in
            try Beat(every: 2_000_000_000) { if Signals.received != nil { try? spool.deliverSoFar() } }
        }
        var outcome = try measurement.measure(
            MeasurementRequest(
                command: command,
                words: lastWords(command.count),
                name: name ?? programName(command),
                tags: Dictionary(tags.map { ($0.key, $0.value) }) { _, last in last },
                role: spool == nil ? .measurement : .part,
                carbon: settings,
                interval: interval.nanoseconds,
                output: options.json ? .standardError : .inherited
            )
        )
        watch?.stop()
        let delivered = try deliver(spool, outcome, host: host)
        let record = outcome.run
        let isKept = outcome.ledgerFailure == nil
        if isKept, let failure = try ledger.closeAccount(of: record) { options.err.line("wattbook: \(failure)") }
        let carbon = isKept ? try ledger.accounts(of: record) : try record.carbonAccounts(settings)
        let idle = outcome.ledgerFailure == nil ? try ledger.idlePower(for: record) : nil
        if options.json { options.out.raw(runDocument(record, carbon: carbon, idle: idle)) }
        if !options.quiet {
            RunSummary(run: record, carbon: carbon, idle: idle).print(to: options.err, detailed: false)
            if let delivered { options.err.line("  \(delivered)  merge them: wattbook merge \(spool?.folder ?? ".")") }
        }
        // In the job's folder the whole run takes the place of the cut one when they are merged.
        if spool != nil, let rescue = outcome.rescue {
            if let failure = outcome.ledgerFailure { options.err.line("wattbook: \(failure)") }
            options.err.line(keptSentence(rescue))
            outcome.ledgerFailure = nil
        }
        if let failure = outcome.ledgerFailure {
            if let rescue = outcome.rescue {
                options.err.line(keptSentence(rescue))
            }
            throw failure
        }
        if let signal = outcome.terminalSignal { Signals.die(of: signal) }
        throw ExitCode(record.end?.exitStatus ?? 0)
    }
}

extension RunCommand {
    /// Brings the ledger to the job's folder; where the whole run is there already, the command's status goes before a
    /// failure of that.
    private func deliver(_ spool: Spool?, _ outcome: MeasurementOutcome, host: Host) throws -> String? {
        do {
            return try spool?.finish(host: host)
        } catch  where outcome.rescue != nil {
            options.err.line("wattbook: \(error)")
            return nil
        }
    }
}

/// The last words of the command line, which the parser repairs where they are not UTF-8, byte for byte.
private func lastWords(_ count: Int) -> [[CChar]] {
    unsafe UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc)).suffix(count)
        .compactMap { word in
            unsafe word.map { unsafe Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1)) }
        }
}

/// The program's name without its folder: what a run is called when nobody names it.
func programName(_ command: [String]) -> String {
    command.first?.split(separator: "/").last.map(String.init) ?? "run"
}
