import Analysis
import ArgumentParser
import Ledger
import Reporting

/// `wattbook merge LEDGER...`: brings the runs of other ledgers into this one.
struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Add the runs and experiments of other ledgers to this one; what is here already stays as it is."
    )

    @OptionGroup var options: GlobalOptions
    @Argument(help: ArgumentHelp("The ledgers to add.", valueName: "ledger")) var others: [String]

    mutating func run() throws {
        // All of them are opened first: a name that is wrong changes nothing.
        let sources = try others.map { try LedgerFile(path: $0, mode: .readOnly) }
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readWrite)
        let merges = try sources.map { ($0.path, try ledger.merge($0)) }
        let twice = overlapWarnings(among: try ledger.runs())
        if options.json { return options.out.raw(document(merges, twice)) }
        for (path, merge) in merges {
            var words = counted(merge.added, "run") + " added"
            if merge.known > 0 { words += ", \(merge.known) known already" }
            if merge.open > 0 { words += ", \(merge.open) not ended and left there" }
            options.out.line("\(path): \(words).")
        }
        for sentence in twice { options.err.item("  ! ", sentence, paint: options.err.caution) }
    }

    private func document(_ merges: [(String, LedgerFile.Merge)], _ warnings: [String]) -> String {
        JSON.object([
            ("schema", .string("wattbook.merge/1")),
            (
                "ledgers",
                .array(
                    merges.map { path, merge in
                        .object([
                            ("path", .string(path)), ("added", .integer(Int64(merge.added))),
                            ("known", .integer(Int64(merge.known))), ("open", .integer(Int64(merge.open))),
                        ])
                    }
                )
            ),
            ("warnings", .strings(warnings)),
        ]).text
    }
}

/// A number with its noun: `1 run`, `2 runs`.
func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
