import ArgumentParser
import Foundation
import Ledger
import Reporting

/// `wattbook export ID...`: runs and experiments into a ledger of their own, with every sample.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write runs and experiments with all their samples into a file that `wattbook import` takes in."
    )

    @OptionGroup var options: GlobalOptions
    @Argument(help: "Experiments or runs.") var ids: [String]
    @Option(
        name: [.short, .customLong("output")],
        help: ArgumentHelp("The file to write (default: the first id with .sqlite).", valueName: "file")
    )
    var output: String?

    /// Fills a new ledger, which is closed on return.
    private func write(_ runs: Set<String>, of ledger: LedgerFile, to path: String) throws -> LedgerFile.Merge {
        try LedgerFile(path: path, mode: .readWrite).merge(ledger, only: runs)
    }

    mutating func run() throws {
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readOnly)
        var runs: Set<String> = []
        for id in ids {
            if let experiment = try? ledger.experiment(id) {
                runs.formUnion(try ledger.runs(ofExperiment: experiment.id, parts: []).map(\.start.id))
            } else {
                runs.insert(try ledger.resolve(id))
            }
        }
        let path = output ?? "\(ids[0].replacingOccurrences(of: "/", with: "-")).sqlite"
        guard !FileManager.default.fileExists(atPath: path) else {
            throw Failure(.cannotWrite, "\(path) is there already.", remedy: "Name another file with -o.")
        }
        // Whole under its name, or not at all.
        let draft = path + ".partial-\(ProcessInfo.processInfo.processIdentifier)"
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: draft + suffix) } }
        let merge = try write(runs, of: ledger, to: draft)
        try FileManager.default.moveItem(atPath: draft, toPath: path)
        if options.json {
            options.out.raw(
                JSON.object([
                    ("schema", .string("wattbook.export/1")), ("path", .string(path)),
                    ("runs", .integer(Int64(merge.added))), ("open", .integer(Int64(merge.open))),
                ]).text
            )
        } else {
            options.out.line(path)
            if merge.open > 0 { options.err.line("\(counted(merge.open, "run")) not ended, and left out.") }
        }
    }
}
