import Analysis
import Ledger
import Metering
import Quantities
import Reporting

/// The run of a job for people: its total, then its nodes, ranks and what is missing.
struct JobSummary {
    var run: RunRecord

    /// Rows beyond these are told as a number: a job may have thousands of nodes.
    private static let mostRows = 32

    /// Prints the job; `detailed` adds what its nodes and ranks say.
    func print(to terminal: Terminal, detailed: Bool) {
        terminal.line()
        RunSummary(run: run, carbon: [], idle: nil).print(to: terminal, detailed: false)
        if detailed { tables(to: terminal) }
    }

    /// Nodes and ranks as tables.
    func tables(to terminal: Terminal) {
        guard let job = run.end?.job else { return }
        terminal.line()
        var rows = [["NODE", "TIME", "ENERGY (95 %)", "RANKS", "CLOCK"]]
        for node in job.nodes.prefix(Self.mostRows) {
            rows.append([
                node.name, duration(Seconds(node.seconds)),
                node.joules?.formatted(uncertainty: node.uncertainty) ?? "–",
                "\(node.ranks.count)", signed(node.clockOffset),
            ])
        }
        printTable(rows, to: terminal)
        more(job.nodes.count, "node", terminal)
        guard !job.ranks.isEmpty else { return }
        terminal.line()
        rows = [["RANK", "NODE", "TIME", "ITS PART", "REGIONS"]]
        for rank in job.ranks.prefix(Self.mostRows) {
            let regions = rank.regions.prefix(4).map { region in
                "\(region.path) \(region.joules?.formatted() ?? "–")"
            }
            rows.append([
                (rank.step.map { $0 + ":" } ?? "") + (rank.rank.map(String.init) ?? "-"), rank.node,
                duration(Seconds(rank.seconds)), rank.joules?.formatted() ?? "–", regions.joined(separator: ", "),
            ])
        }
        printTable(rows, to: terminal, leading: [0, 1, 4])
        more(job.ranks.count, "rank", terminal)
    }

    private func more(_ count: Int, _ noun: String, _ terminal: Terminal) {
        guard count > Self.mostRows else { return }
        terminal.line(terminal.dim("  and \(counted(count - Self.mostRows, noun)) more: --json has all of them"))
    }

    /// An offset of a clock as `+0.002 s`.
    private func signed(_ seconds: Double) -> String {
        let thousandths = (seconds * 1000).rounded() / 1000
        return (thousandths > 0 ? "+" : "") + "\(thousandths) s"
    }
}
