import Analysis
import ArgumentParser
import Ledger
import Metering
import Quantities
import Reporting

/// `wattbook merge LEDGER|DIR...`: brings the runs of other ledgers into this one, and makes one run of each job.
struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Add the runs of other ledgers to this one, and make one run of the parts of each job.",
        discussion: """
            What is here already stays as it is: merging twice, or in any order, gives the same. Where a node, a rank \
            or a part of a file is missing, what is there is merged, what is missing is named, and the end is 65.
            """
    )

    @OptionGroup var options: GlobalOptions
    @Argument(help: ArgumentHelp("The ledgers to add, or folders of a job's ledgers.", valueName: "ledger|dir"))
    var others: [String]

    mutating func run() throws {
        let files = try JobFiles(others)
        // A name that is wrong changes nothing.
        for path in files.named { try refuseAbsent(path) }
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readWrite)
        if files.paths.count > 100 { try ledger.expectThousands() }
        let outcomes = try files.paths.map { try files.merge($0, into: ledger) }
        let jobs = try ledger.joinJobs()
        let twice = overlapWarnings(among: try ledger.runs())
        let damages = outcomes.compactMap(\.damage) + files.unfinished.map { "\($0) is a copy that never ended." }
        if options.json {
            options.out.raw(document(outcomes, jobs, damages: damages, warnings: damages + twice))
        } else {
            for outcome in outcomes { options.out.line(line(outcome)) }
            for job in jobs { JobSummary(run: job).print(to: options.out, detailed: true) }
            for sentence in damages + twice { options.err.item("  ! ", sentence, paint: options.err.caution) }
        }
        let isIncomplete = jobs.contains { !($0.end?.job?.missing.isNothing ?? true) }
        if isIncomplete || !damages.isEmpty { throw ExitCode(Failure.Code.badData.rawValue) }
    }

    private func refuseAbsent(_ path: String) throws {
        do {
            _ = try LedgerFile(path: path, mode: .readOnly)
        } catch let error as LedgerError where error.code != .badData && error.code != .inputOutput {
            throw error
        } catch is LedgerError {
            // What is damaged is merged as far as it goes; what never was a ledger is a wrong name.
            guard !path.hasSuffix(".sqlite") else { return }
            throw Failure(.badData, "\(path) is not a ledger.", remedy: "Name ledgers, or the folder of a job.")
        }
    }

    private func line(_ outcome: JobFiles.Outcome) -> String {
        let merge = outcome.merge
        var words = counted(merge.added, "run") + " added"
        if outcome.cut > 0 { words += ", \(outcome.cut) cut off and taken as interrupted" }
        if merge.known > 0 { words += ", \(merge.known) known already" }
        if merge.open > 0 { words += ", \(merge.open) not ended and left there" }
        return "\(outcome.path): \(words)."
    }

    private func document(
        _ outcomes: [JobFiles.Outcome],
        _ jobs: [RunRecord],
        damages: [String],
        warnings: [String]
    ) -> String {
        let isComplete = damages.isEmpty && jobs.allSatisfy { $0.end?.job?.missing.isNothing ?? true }
        return JSON.object([
            ("schema", .string("wattbook.merge/1")),
            ("ledgers", .array(outcomes.map(Self.entry))),
            ("jobs", .array(jobs.map(Self.entry))),
            ("complete", .bool(isComplete)),
            ("warnings", .strings(warnings)),
        ]).text
    }

    private static func entry(_ outcome: JobFiles.Outcome) -> JSON {
        .object([
            ("path", .string(outcome.path)),
            ("added", .integer(Int64(outcome.merge.added))),
            ("known", .integer(Int64(outcome.merge.known))),
            ("open", .integer(Int64(outcome.merge.open))),
            ("cut", .integer(Int64(outcome.cut))),
            ("damage", .string(orNull: outcome.damage)),
        ])
    }

    private static func entry(_ run: RunRecord) -> JSON {
        let (job, end, total) = (run.start.job, run.end, run.end?.account.total)
        return .object([
            ("id", .string(run.start.id)),
            ("job", .string(orNull: job?.id)),
            ("attempt", .string(orNull: job?.attempt)),
            ("restarts", .integer(Int64(job?.restarts ?? 0))),
            ("state", .string(run.state.rawValue)),
            ("exit_status", end?.exitStatus.map { .integer(Int64($0)) } ?? .null),
            ("duration_s", .number(orNull: run.duration)),
            ("total_j", .number(orNull: total?.joules?.value)),
            ("uncertainty_j", .number(orNull: total?.uncertainty?.value)),
            ("parts", JSON.jobParts(end?.job)),
            ("warnings", .strings(end?.warnings ?? [])),
        ])
    }
}

/// A number with its noun: `1 run`, `2 runs`.
func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
