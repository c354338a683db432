import Experiments
import Ledger
import Metering
import Quantities

/// One line an ended run on standard error, and on a terminal a line that says what runs now.
final class ExperimentProgress {
    private let terminal: Terminal
    private let started = monotonicNow()
    private var remaining = 0
    private var ended = 0
    private var labelWidth = 4

    init(terminal: Terminal) { self.terminal = terminal }

    /// Shows one event.
    func show(_ event: ExperimentEvent) {
        switch event {
        case .begins(let experiment, let done, let total):
            remaining = total - done
            let name = "\(terminal.bold(experiment.name)) \(terminal.dim(experiment.id))"
            if remaining == 0 {
                return terminal.line("\(name): all \(total) runs are done; `--new` starts the experiment anew.")
            }
            let resumed = done > 0 ? "; \(done) are done, it goes on" : ""
            terminal.line("\(name): \(total) runs, warm-ups and idle among them, seed \(experiment.seed)\(resumed)")
        case .runBegins(let label, let role, let position, let total):
            labelWidth = max(labelWidth, words(label, role).count)
            guard terminal.isInteractive, !terminal.quiet else { return }
            terminal.raw("\r\u{1B}[K\(number(position, of: total)) \(words(label, role)) … \(timeLeft)")
        case .firstStageEnds(let blocks, let wanted, let left):
            remaining = left
            let capped = wanted > blocks ? "; \(wanted) would be needed, the plan's maximum is \(blocks)" : ""
            terminal.line("The first stage calls for \(blocks) blocks\(capped): \(left) runs are left.")
        case .runEnds(let run, let position, let total):
            remaining -= 1
            ended += 1
            if terminal.isInteractive, !terminal.quiet { terminal.raw("\r\u{1B}[K") }
            terminal.line(line(run, position: position, total: total))
        }
    }

    private func line(_ run: RunRecord, position: Int, total: Int) -> String {
        let time = run.duration.map { duration(Seconds($0)) } ?? "–"
        let reading = run.end?.account.total
        let energy = reading?.joules?.formatted(uncertainty: reading?.uncertainty) ?? "no energy"
        let basis = reading?.basis == .modelled ? " modelled" : ""
        let name = words(run.start.name, run.start.role)
        let padded = name + String(repeating: " ", count: max(0, labelWidth - name.count))
        return "\(number(position, of: total)) \(padded)  \(time)  \(energy)\(basis)"
            + (terminal.isInteractive ? "" : "  \(timeLeft)")
    }

    private func number(_ position: Int, of total: Int) -> String {
        let text = "\(position + 1)"
        return "[" + String(repeating: " ", count: "\(total)".count - text.count) + "\(text)/\(total)]"
    }

    private func words(_ label: String, _ role: RunRole) -> String {
        switch role {
        case .measurement, .idle: label
        case .warmup: "\(label) (warm-up)"
        }
    }

    private var timeLeft: String {
        guard ended > 0, remaining > 0 else { return "" }
        let each = Double(monotonicNow() - started) * 1e-9 / Double(ended)
        return "about \(duration(Seconds(each * Double(remaining)))) left"
    }
}
