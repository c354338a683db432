import Analysis
import ArgumentParser
import Foundation
import Ledger
import Metering
import Quantities
import Reporting
import Tool

/// `wattbook slurm JOBID`: our joules beside Slurm's own.
struct SlurmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slurm",
        abstract: "A job's joules here beside those of Slurm's accounting: how they differ, why, and which to take."
    )

    @OptionGroup var options: GlobalOptions
    @Option(
        help: ArgumentHelp(
            "What `sacct -D -P --format=\(SlurmRecord.format)` printed, instead of asking it.",
            valueName: "file"
        )
    )
    var sacct: String?
    @Argument(help: ArgumentHelp("The job's number.", valueName: "jobid")) var job: String

    func validate() throws {
        guard !job.isEmpty, job.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            throw ValidationError("'\(job)' is no number of a job. Say for instance wattbook slurm 4711.")
        }
    }

    mutating func run() throws {
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readOnly)
        let candidates = try ledger.runs().filter { $0.start.role == .measurement && $0.start.job?.id == job }
        let runs = try candidates.map { try ledger.record($0.start.id) }
        let (records, setup) = try sacct.map { (try read($0), SlurmEnergySetup()) } ?? ask()
        let comparisons = slurmComparisons(job: job, records: records, runs: runs, setup: setup)
        guard !comparisons.isEmpty else {
            throw Failure(
                .noInput,
                "Neither \(options.ledgerPath) nor Slurm's accounting knows of job \(job).",
                remedy: "Merge its ledgers first: wattbook merge wattbook-\(job)."
            )
        }
        if options.json { return options.out.raw(slurmDocument(job: job, setup: setup, comparisons)) }
        for comparison in comparisons { print(comparison) }
    }

    private func read(_ path: String) throws -> [SlurmRecord] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.noInput, "There is no file \(path).", remedy: "Name what sacct printed with --sacct.")
        }
        return try parsed(String(decoding: data, as: UTF8.self), from: path)
    }

    private func parsed(_ text: String, from source: String) throws -> [SlurmRecord] {
        guard let records = SlurmRecord.parse(text) else {
            throw Failure(
                .badData,
                "\(source) does not begin with a header that names JobIDRaw.",
                remedy: "Print it with: sacct -D -P --format=\(SlurmRecord.format)"
            )
        }
        return records
    }

    /// Asks Slurm for the job, for who was on its nodes meanwhile, and for its set-up.
    private func ask() throws -> ([SlurmRecord], SlurmEnergySetup) {
        let path = environment("PATH")
        guard let sacct = Tool.find("sacct", along: path) else {
            throw Failure(
                .unavailable,
                "There is no sacct on the PATH.",
                remedy: "Run this on a login node, or give what it printed with --sacct."
            )
        }
        let text = try answer(sacct, ["-D", "-P", "-j", job, "--format=\(SlurmRecord.format)"])
        var records = try parsed(text, from: sacct)
        // Those who were there at the same time; a site may show a user only their own.
        for own in records where own.isJob && !own.nodes.isEmpty && own.start != nil {
            let times = try timesOf(own, sacct)
            let more = try? answer(
                sacct,
                ["-a", "-D", "-P", "-X", "-N", NodeList.compressed(own.nodes), "-S", times.start, "-E", times.end]
                    + ["--format=\(SlurmRecord.format)"]
            )
            let known = Set(records)
            records += more.flatMap(SlurmRecord.parse)?.filter { $0.job != job && !known.contains($0) } ?? []
        }
        return (records, setup(along: path))
    }

    private func timesOf(_ own: SlurmRecord, _ sacct: String) throws -> (start: String, end: String) {
        let text = try answer(sacct, ["-D", "-n", "-P", "-X", "-j", job, "--format=Start,End"])
        let lines = text.split(separator: "\n").map { $0.split(separator: "|").map(String.init) }
        let known = lines.filter { $0.count == 2 }
        return (known.first?[0] ?? "now-1day", known.last.map { $0[1] == "Unknown" ? "now" : $0[1] } ?? "now")
    }

    private func answer(_ program: String, _ arguments: [String]) throws -> String {
        var tool = Tool(program, arguments, limit: Seconds(20), capacity: 1 << 20)
        guard tool.run() == .exited(0) else {
            throw Failure(
                .unavailable,
                "\(program) gives no answer for job \(job).",
                remedy: "See what it says on its own: sacct -j \(job)."
            )
        }
        return tool.text
    }

    private func setup(along path: String?) -> SlurmEnergySetup {
        guard let scontrol = Tool.find("scontrol", along: path), let text = try? answer(scontrol, ["show", "config"])
        else { return SlurmEnergySetup() }
        let value = { (key: String) -> String? in
            text.split(separator: "\n").first { $0.hasPrefix(key) }?.split(separator: "=", maxSplits: 1).last
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let plugin = value("AcctGatherEnergyType")?.split(separator: "/").last.map(String.init)
        let period = value("AcctGatherNodeFreq").flatMap { $0.split(separator: " ").first }.flatMap { Double($0) }
        return SlurmEnergySetup(plugin: plugin == "none" ? nil : plugin, period: period.flatMap { $0 > 0 ? $0 : nil })
    }

    private func print(_ one: SlurmComparison) {
        let out = options.out
        let title = "job \(job)" + (one.restarts > 0 ? ", restart \(one.restarts)" : "")
        out.line("\(out.bold(title))  \(one.record?.state ?? "not in Slurm's accounting")")
        let joules = { (value: Double?) in value.map { Joules($0).formatted() } ?? "–" }
        var rows = [["Slurm", joules(one.slurmJoules)], ["Wattbook", joules(one.joules)]]
        if one.partJoules != one.joules { rows.append(["its part", joules(one.partJoules)]) }
        if let difference = one.difference { rows.append(["difference", Joules(difference).formatted()]) }
        for line in aligned(rows, leading: [0]) { out.line("  " + line) }
        for reason in one.reasons { out.item("  - ", reason) }
        out.item("  => ", one.advice)
    }
}
