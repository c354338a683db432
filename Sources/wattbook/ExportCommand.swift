import ArgumentParser
import Foundation
import Ledger
import Reporting

/// `wattbook export ID...`: runs and experiments for another ledger, or for a site's monitoring.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write runs and experiments for another ledger, or in the formats of monitoring systems.",
        discussion: """
            ledger: a file with every sample, which `wattbook import` takes in. line-protocol: power over time on \
            standard output, as ClusterCockpit's metric store and InfluxDB take it, one value for each device and \
            --step. prometheus: joules and seconds of each run on standard output, for a textfile collector.
            """
    )

    /// What a run is written as.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case ledger
        case lineProtocol = "line-protocol"
        case prometheus
    }

    @OptionGroup var options: GlobalOptions
    @Option(help: "ledger, line-protocol or prometheus.") var format = Format.ledger
    @Option(
        name: [.short, .customLong("output")],
        help: ArgumentHelp("The file of --format ledger (default: the first id with .sqlite).", valueName: "file")
    )
    var output: String?
    @Option(help: "Length of the steps of line-protocol, 1s at least.") var step = TimeSpan(nanoseconds: 60_000_000_000)
    @Option(help: "Name of the cluster in line-protocol (default: what the batch system says).") var cluster: String?
    @Argument(help: "Experiments or runs.") var ids: [String]

    mutating func validate() throws {
        guard step.nanoseconds >= 1_000_000_000 else {
            throw ValidationError("--step is shorter than a second. Give 1s or more, as in --step 60s.")
        }
        guard output == nil || format == .ledger else {
            throw ValidationError("--format \(format.rawValue) goes to standard output. Leave -o out, and redirect it.")
        }
    }

    mutating func run() throws {
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readOnly)
        let runs = try named(in: ledger)
        switch format {
        case .ledger: try writeLedger(Set(runs), of: ledger)
        case .prometheus: options.out.raw(prometheusText(try runs.map(ledger.record)))
        case .lineProtocol:
            for id in runs {
                let traces = try ledger.traces(id)
                options.out.raw(
                    lineProtocol(try ledger.record(id), traces: traces, step: step.nanoseconds, cluster: cluster)
                )
            }
        }
    }

    /// The ids of the runs that were named, each once, in the order of the names.
    private func named(in ledger: LedgerFile) throws -> [String] {
        var runs: [String] = []
        for id in ids {
            if let experiment = try? ledger.experiment(id) {
                runs += try ledger.runs(ofExperiment: experiment.id, parts: []).map(\.start.id)
            } else {
                runs.append(try ledger.resolve(id))
            }
        }
        var known: Set<String> = []
        return runs.filter { known.insert($0).inserted }
    }

    private func writeLedger(_ runs: Set<String>, of ledger: LedgerFile) throws {
        let path = output ?? "\(ids[0].replacingOccurrences(of: "/", with: "-")).sqlite"
        guard !FileManager.default.fileExists(atPath: path) else {
            throw Failure(.cannotWrite, "\(path) is there already.", remedy: "Name another file with -o.")
        }
        // Whole under its name, or not at all.
        let draft = path + ".partial-\(ProcessInfo.processInfo.processIdentifier)"
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: draft + suffix) } }
        let merge = try fill(draft, with: runs, of: ledger)
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

    /// Fills a new ledger, which is closed on return.
    private func fill(_ path: String, with runs: Set<String>, of ledger: LedgerFile) throws -> LedgerFile.Merge {
        try LedgerFile(path: path, mode: .readWrite).merge(ledger, only: runs)
    }
}
