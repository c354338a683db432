import ArgumentParser
import Ledger

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
        for source in sources {
            let merge = try ledger.merge(source)
            var words = "\(merge.added) runs added"
            if merge.known > 0 { words += ", \(merge.known) were here already" }
            if merge.open > 0 { words += ", \(merge.open) have not ended and stay there" }
            options.out.line("\(source.path): \(words).")
        }
    }
}
