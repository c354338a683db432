import Analysis
public import ArgumentParser
import Carbon
import Ledger
import Metering
public import Reporting

extension ReportFormat: ExpressibleByArgument {}

/// `wattbook report [ID...] -o DIR`: the same value as HTML, Markdown, CSV and JSON.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write the report of an experiment or of runs (default: the last experiment, else the last run)."
    )

    @OptionGroup var options: GlobalOptions
    @OptionGroup var carbonOptions: CarbonOptions
    @Argument(help: "Experiments or runs.") var ids: [String] = []
    @Option(name: [.short, .customLong("output")], help: ArgumentHelp("The folder to write to.", valueName: "dir"))
    var output: String
    @Option(name: .customLong("format"), help: ArgumentHelp("Comma-separated: html, md, csv, json.", valueName: "list"))
    var formats: String = "html,md,csv,json"

    @Flag(help: "Intervals of time and energy by resampling (BCa, 10,000 draws, fixed seed) instead of Student's t.")
    var bootstrap = false

    @Flag(help: "Also the grams as kilometres by car and the like, each as a range with its source.")
    var equivalents = false

    mutating func validate() throws {
        guard !output.isEmpty else { throw ValidationError("The folder's name is empty. Say for instance -o report.") }
    }

    mutating func run() throws {
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readOnly)
        let formats = try wanted()
        let (study, idle) = try subject(in: ledger)
        let report = try report(
            on: study,
            idle: idle,
            traces: { try ledger.traces($0) },
            accounts: { run in
                let entries = try ledger.carbonEntries(of: run.start.id)
                let isChanged = try carbonOptions.change(run.start.carbon) != nil
                return entries.isEmpty || isChanged ? nil : try ledger.accounts(of: ledger.record(run.start.id))
            },
            withEquivalents: equivalents
        )
        let paths = try write(report, formats: formats, to: output)
        if options.json {
            options.out.raw(try report.json)
        } else {
            options.err.line(study.verdict)
            for path in paths { options.out.line(path) }
        }
    }

    private func wanted() throws -> Set<ReportFormat> {
        let names = formats.split(separator: ",").map(String.init)
        let found = names.compactMap { ReportFormat(rawValue: $0) }
        guard found.count == names.count, !found.isEmpty else {
            throw ValidationError(
                "There is no report format '\(names.first { ReportFormat(rawValue: $0) == nil } ?? formats)'. "
                    + "Choose among \(ReportFormat.allCases.map(\.rawValue).joined(separator: ", "))."
            )
        }
        return Set(found)
    }

    /// The study of what was named, one experiment or runs side by side, and the idle power that was measured with it.
    private func subject(in ledger: LedgerFile) throws -> (Study, IdlePower?) {
        let intervals = bootstrap ? IntervalMethod.bootstrap : .t
        let experiment =
            ids.isEmpty ? try ledger.experiments().first : ids.count == 1 ? try? ledger.experiment(ids[0]) : nil
        if let experiment {
            let all = try ledger.runs(ofExperiment: experiment.id)
            let runs = try ledger.withIdle(ledger.underFactors(all, options: carbonOptions))
            return (try study(experiment: experiment, runs: runs, intervals: intervals), idlePower(of: runs))
        }
        var known: Set<String> = []
        let named = try (ids.isEmpty ? ["last"] : ids).map { try ledger.resolve($0) }
        // A run that is named twice counts once.
        let runs = try named.filter { known.insert($0).inserted }.map { try ledger.record($0) }
        let settled = try ledger.underFactors(runs, options: carbonOptions)
        let title = runs.map(\.start.name).joined(separator: ", ")
        let all = try ledger.withIdle(settled)
        return (try study(runs: all, title: title, intervals: intervals), idlePower(of: all))
    }
}

/// A report with everything that can be derived from the ledger; `traces` gives the samples of a run by its id, `given` its
/// accounts where it has more than its own.
func report(
    on study: Study,
    idle: IdlePower?,
    traces: (String) throws -> [Trace] = { _ in [] },
    accounts given: (RunRecord) throws -> [CarbonAccount]? = { _ in nil },
    withEquivalents: Bool = false
) throws -> Report {
    var accounts: [String: [CarbonAccount]] = [:]
    for run in study.runs { accounts[run.start.id] = try given(run) ?? run.carbonAccounts(run.start.carbon) }
    var drawn: [String: [Trace]] = [:]
    for (_, id) in Report.representatives(of: study) { drawn[id] = try traces(id) }
    return Report(
        study: study,
        traces: drawn,
        carbon: accounts,
        withEquivalents: withEquivalents,
        idle: idle,
        version: WattbookCommand.configuration.version
    )
}

extension Report {
    /// The JSON document of the report.
    var json: String { get throws { try JSONRenderer().render(self) } }
}
