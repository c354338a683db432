import ArgumentParser
import Ledger
import Metering
import Quantities
import Reporting

/// `wattbook list`: what the ledger holds.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Runs and experiments in the ledger."
    )

    @OptionGroup var options: GlobalOptions
    @Flag(help: "Warm-ups and idle measurements too.") var all = false

    mutating func run() throws {
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readOnly)
        let runs = try ledger.runs().filter { all || [.measurement, .imported].contains($0.start.role) }
        let experiments = try ledger.experiments()
        if options.json {
            options.out.raw(listDocument(runs: runs, experiments: experiments))
            return
        }
        guard !runs.isEmpty || !experiments.isEmpty else {
            options.out.line("The ledger \(options.ledgerPath) holds no run yet. Measure one: wattbook run -- COMMAND")
            return
        }
        listExperiments(experiments, of: try ledger.runs())
        listRuns(runs)
    }

    private func listExperiments(_ experiments: [ExperimentRecord], of runs: [RunRecord]) {
        guard !experiments.isEmpty else { return }
        let out = options.out
        var rows = [["EXPERIMENT", "STARTED (UTC)", "RUNS", "ID"]]
        for experiment in experiments {
            let own = runs.filter { $0.start.place?.experimentID == experiment.id && $0.start.role == .measurement }
            rows.append([experiment.name, timestamp(experiment.createdAt), "\(own.count)", experiment.id])
        }
        printTable(rows, to: out, leading: [0, 1, 3])
        out.line()
    }

    private func listRuns(_ runs: [RunRecord]) {
        guard !runs.isEmpty else { return }
        var rows = [["RUN", "STARTED (UTC)", "TIME", "ENERGY", "BASIS", "STATE", "ID"]]
        for run in runs {
            rows.append([
                run.start.name, timestamp(run.start.startedAt),
                run.duration.map { duration(Seconds($0)) } ?? "–",
                run.end?.account.total.joules?.formatted() ?? "–",
                run.end?.account.total.joules == nil ? "–" : run.end?.account.total.basis.rawValue ?? "–",
                stateWord(run), run.start.id,
            ])
        }
        printTable(rows, to: options.out, leading: [0, 1, 4, 5, 6])
    }

    private func stateWord(_ run: RunRecord) -> String {
        switch run.state {
        case .running: "running"
        case .interrupted: "interrupted"
        case .finished where run.start.role == .imported: (run.start.tags["state"] ?? "ended").lowercased()
        case .finished where run.end?.exitStatus != 0: "exit \(run.end?.exitStatus ?? -1)"
        case .finished:
            switch run.start.role {
            case .measurement: "ok"
            case .warmup: "warm-up"
            case .idle: "idle"
            case .imported: "imported"
            }
        }
    }
}

/// Prints rows with a bold header.
func printTable(_ rows: [[String]], to terminal: Terminal, leading: Set<Int> = [0]) {
    for (index, line) in aligned(rows, leading: leading).enumerated() {
        terminal.line(index == 0 ? terminal.bold(line) : line)
    }
}

/// A wall clock of microseconds since 1970 as `2026-11-23 20:18`, UTC.
func timestamp(_ microseconds: Int64) -> String {
    let text = timestamp(microseconds: microseconds)
    return text.prefix(10) + " " + text.dropFirst(11).prefix(5)
}
