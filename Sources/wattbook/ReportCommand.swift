import Analysis
import ArgumentParser
import Ledger
import Reporting

extension ReportFormat: ExpressibleByArgument {}

/// `wattbook report [ID...] -o DIR`: the same value as HTML, Markdown, CSV and JSON.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write the report of an experiment or of runs (default: the last experiment, else the last run)."
    )

    @OptionGroup var options: GlobalOptions
    @Argument(help: "Experiments or runs.") var ids: [String] = []
    @Option(name: [.short, .customLong("output")], help: ArgumentHelp("The folder to write to.", valueName: "dir"))
    var output: String
    @Option(name: .customLong("format"), help: ArgumentHelp("Comma-separated: html, md, csv, json.", valueName: "list"))
    var formats: String = "html,md,csv,json"

    mutating func run() throws {
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readOnly)
        let study = try subject(in: ledger)
        let report = try Report(study: study) { try ledger.traces($0) }
        let paths = try write(report, formats: try wanted(), to: output)
        if options.json {
            options.out.line(reportDocument(report))
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

    /// The study of what was named: one experiment, or runs side by side.
    private func subject(in ledger: LedgerFile) throws -> Study {
        if ids.isEmpty {
            if let last = try ledger.experiments().first { return try experimentStudy(last, in: ledger) }
            return try runStudy(["last"], in: ledger)
        }
        if ids.count == 1, let id = ids.first, let experiment = try? ledger.experiment(id) {
            return try experimentStudy(experiment, in: ledger)
        }
        return try runStudy(ids, in: ledger)
    }

    private func experimentStudy(_ experiment: ExperimentRecord, in ledger: LedgerFile) throws -> Study {
        try study(experiment: experiment, runs: ledger.runs(ofExperiment: experiment.id))
    }

    private func runStudy(_ ids: [String], in ledger: LedgerFile) throws -> Study {
        let runs = try ids.map { try ledger.record(ledger.resolve($0)) }
        return try study(runs: runs, title: runs.map(\.start.name).joined(separator: ", "))
    }
}
