import ArgumentParser
import Ledger
import Reporting

/// `wattbook export RUN...`: runs for a site's monitoring.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Runs in the formats of monitoring systems, on standard output.",
        discussion: """
            line-protocol: power over time as ClusterCockpit's metric store and InfluxDB take it, one value for each \
            device and --step. prometheus: joules and seconds of each run, for a textfile collector.
            """
    )

    /// What a run is written as.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case lineProtocol = "line-protocol"
        case prometheus
    }

    @OptionGroup var options: GlobalOptions
    @Option(help: "line-protocol or prometheus.") var format = Format.lineProtocol
    @Option(help: "Length of the steps of line-protocol, 1s at least.") var step = TimeSpan(nanoseconds: 60_000_000_000)
    @Option(help: "Name of the cluster in line-protocol (default: what the batch system says).") var cluster: String?
    @Argument(help: ArgumentHelp("Full ids, unique prefixes, names, `last` or `last~1`.", valueName: "run"))
    var references: [String]

    mutating func run() throws {
        guard step.nanoseconds >= 1_000_000_000 else {
            throw Failure(.usage, "--step is shorter than a second.", remedy: "Give 1s or more, as in --step 60s.")
        }
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readOnly)
        let records = try references.map { try ledger.record(ledger.resolve($0)) }
        switch format {
        case .prometheus: options.out.raw(prometheusText(records))
        case .lineProtocol:
            for record in records {
                let traces = try ledger.traces(record.start.id)
                options.out.raw(
                    lineProtocol(record, traces: traces, step: step.nanoseconds, cluster: cluster)
                )
            }
        }
    }
}
