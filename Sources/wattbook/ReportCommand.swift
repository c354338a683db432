import Analysis
public import ArgumentParser
import Carbon
import Ledger
import Metering
public import Reporting

extension ReportFormat: ExpressibleByArgument {}

/// `wattbook report [ID...] -o DIR`: the same value in every form; with `--since` the account of a period.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write the report of an experiment, of runs (default: the last experiment, else the last run), or of "
            + "a period.",
        discussion: """
            wattbook report unet-precision -o report --format html,pdf,tex
            wattbook report --since 2026-01 --until 2026-06 --tag project=x -o account
            """
    )

    @OptionGroup var options: GlobalOptions
    @OptionGroup var carbonOptions: CarbonOptions
    @Argument(help: "Experiments or runs.") var ids: [String] = []
    @Option(name: [.short, .customLong("output")], help: ArgumentHelp("The folder to write to.", valueName: "dir"))
    var output: String
    @Option(
        name: .customLong("format"),
        help: ArgumentHelp(
            "Comma-separated: \(ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")), or all.",
            valueName: "list"
        )
    )
    var formats: String = "html,md,csv,json"

    @Flag(help: "Intervals of time and energy by resampling (BCa, 10,000 draws, fixed seed) instead of Student's t.")
    var bootstrap = false

    @OptionGroup(title: "The account of a period") var period: PeriodOptions
    @Flag(help: "Also the grams as kilometres by car and the like, each as a range with its source.")
    var equivalents = false

    mutating func validate() throws {
        guard !output.isEmpty else { throw ValidationError("The folder's name is empty. Say for instance -o report.") }
        if period.isGiven, !ids.isEmpty {
            throw ValidationError(
                "An account of a period holds every run of it, so '\(ids[0])' cannot be named beside it. Leave it out, or "
                    + "choose the runs with --tag."
            )
        }
    }

    mutating func run() throws {
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readOnly)
        let formats = try wanted()
        let report: any Reportable = try period.isGiven ? accountOfPeriod(in: ledger) : named(in: ledger)
        var (paths, missing): ([String], TypesettingError?) = ([], nil)
        do {
            paths = try write(report, formats: formats, to: output)
        } catch let error as TypesettingError {
            missing = error
        }
        if options.json {
            options.out.raw(report.json.text)
        } else {
            options.err.line(report.document.verdict)
            for path in paths { options.out.line(path) }
        }
        if let missing { throw missing }
    }

    private func wanted() throws -> Set<ReportFormat> {
        if formats == "all" { return Set(ReportFormat.allCases) }
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

    private func named(in ledger: LedgerFile) throws -> Report {
        let (study, idle) = try subject(in: ledger)
        return try report(
            on: study,
            idle: idle,
            traces: { try ledger.traces($0) },
            accounts: { try accounts(of: $0, in: ledger) },
            withEquivalents: equivalents
        )
    }

    private func accountOfPeriod(in ledger: LedgerFile) throws -> AccountReport {
        var report = try period.account(in: ledger) { run in
            let settled = try ledger.underFactors([run], options: carbonOptions)[0]
            return try accounts(of: settled, in: ledger) ?? settled.carbonAccounts(settled.start.carbon)
        }
        report.withEquivalents = equivalents
        return report
    }

    /// The accounts that the ledger keeps of a run; `nil` where it has only those of its own factors, or others are named.
    private func accounts(of run: RunRecord, in ledger: LedgerFile) throws -> [CarbonAccount]? {
        let entries = try ledger.carbonEntries(of: run.start.id)
        let isChanged = try carbonOptions.change(run.start.carbon) != nil
        return entries.isEmpty || isChanged ? nil : try ledger.accounts(of: ledger.record(run.start.id))
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
