import Experiments
import Ledger
import Metering
import Quantities

/// One line an ended run on standard error, and on a terminal a line that says what runs now.
final class ExperimentProgress {
    private let terminal: Terminal
    private var durations: [String: Double] = [:]
    private var remaining = 0
    private var started: Int64 = 0
    private var measured = 0

    init(terminal: Terminal) {
        self.terminal = terminal
        started = monotonicNow()
    }

    /// Shows one event.
    func show(_ event: ExperimentEvent) {
        switch event {
        case .begins(let done, let total):
            remaining = total - done
            let resumed = done > 0 ? ", \(done) of them done before" : ""
            terminal.line("\(total) runs, warm-ups and idle among them\(resumed)")
        case .runBegins(let label, let role, let position, let total):
            guard terminal.isInteractive, !terminal.quiet else { return }
            terminal.raw("\r\u{1B}[K[\(position + 1)/\(total)] \(describe(label, role)) … \(timeLeft)")
        case .runEnds(let run, let position, let total):
            remaining -= 1
            measured += 1
            if terminal.isInteractive, !terminal.quiet { terminal.raw("\r\u{1B}[K") }
            terminal.line(line(run, position: position, total: total))
        }
    }

    private func line(_ run: RunRecord, position: Int, total: Int) -> String {
        let time = run.duration.map { duration(Seconds($0)) } ?? "–"
        let reading = run.end?.account.total
        let energy = reading?.joules?.formatted(uncertainty: reading?.uncertainty) ?? "no energy"
        let basis = reading?.basis == .modelled ? " modelled" : ""
        let status = run.end?.exitStatus == 0 ? "" : terminal.bad("  exit \(run.end?.exitStatus ?? -1)")
        let width = "\(total)".count
        let number = String(repeating: " ", count: width - "\(position + 1)".count) + "\(position + 1)"
        return "[\(number)/\(total)] \(describe(run.start.name, run.start.role))  \(time)  \(energy)\(basis)\(status)"
    }

    private func describe(_ label: String, _ role: RunRole) -> String {
        switch role {
        case .measurement: label
        case .warmup: "\(label) (warm-up)"
        case .idle: "idle"
        }
    }

    private var timeLeft: String {
        guard measured > 0 else { return "" }
        let each = Double(monotonicNow() - started) * 1e-9 / Double(measured)
        return "about \(duration(Seconds(each * Double(remaining)))) left"
    }
}
