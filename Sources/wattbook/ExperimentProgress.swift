import Experiments
import Ledger
import Metering
import Quantities

/// One line an ended run on standard error, and on a terminal a line that says what runs now.
final class ExperimentProgress {
    private let terminal: Terminal
    private var labelWidth = 4
    private var progress: Progress?

    init(terminal: Terminal) { self.terminal = terminal }

    /// Shows one event.
    func show(_ event: ExperimentEvent) {
        switch event {
        case .begins(let experiment, let progress):
            let name = "\(terminal.bold(experiment.name)) \(terminal.dim(experiment.id))"
            self.progress = progress
            if progress.done == progress.total {
                return terminal.line("\(name): all \(progress.total) runs are done; --new starts it anew.")
            }
            let resumed = progress.done > 0 ? "; \(progress.done) are done, it goes on" : ""
            terminal.line(
                "\(name): \(progress.total) runs, warm-ups and idle among them, seed \(experiment.seed)\(resumed)"
            )
        case .runBegins(let label, let role, let progress):
            labelWidth = max(labelWidth, words(label, role).count)
            guard terminal.isInteractive, !terminal.quiet else { return }
            terminal.raw("\r\u{1B}[K\(number(progress.done + 1, progress)) \(words(label, role)) … \(left(progress))")
        case .firstStageEnds(let blocks, let wanted, let progress):
            let capped = wanted > blocks ? "; \(wanted) would be needed, the plan's maximum is \(blocks)" : ""
            terminal.line(
                "The first stage calls for \(blocks) blocks\(capped): \(progress.total - progress.done) runs are left."
            )
        case .runEnds(let run, let progress):
            self.progress = progress
            clear()
            terminal.line(line(run, progress))
        }
    }

    /// Takes the line that says what runs now off the terminal.
    func clear() {
        if terminal.isInteractive, !terminal.quiet { terminal.raw("\r\u{1B}[K") }
    }

    /// Says what is left, after a pilot.
    func showExpectation() {
        guard let progress, let expected = progress.left else { return }
        terminal.line(
            "The \(progress.total - progress.done) runs that are left take about \(expectationWords(expected)); "
                + "the same call without --pilot runs them."
        )
    }

    private func line(_ run: RunRecord, _ progress: Progress) -> String {
        let time = run.duration.map { duration(Seconds($0)) } ?? "–"
        let reading = run.end?.account.total
        let energy = reading?.joules?.formatted(uncertainty: reading?.uncertainty) ?? "no energy"
        let basis = reading?.basis == .modelled ? " modelled" : ""
        let name = words(run.start.name, run.start.role)
        let padded = name + String(repeating: " ", count: max(0, labelWidth - name.count))
        return "\(number(progress.done, progress)) \(padded)  \(time)  \(energy)\(basis)"
            + (terminal.isInteractive ? "" : "  \(left(progress))")
    }

    private func number(_ place: Int, _ progress: Progress) -> String {
        let (text, total) = ("\(place)", "\(progress.total)")
        return "[" + String(repeating: " ", count: max(0, total.count - text.count)) + "\(text)/\(total)]"
    }

    private func words(_ label: String, _ role: RunRole) -> String {
        switch role {
        case .measurement, .idle, .imported: label
        case .warmup: "\(label) (warm-up)"
        }
    }

    private func left(_ progress: Progress) -> String {
        guard progress.done < progress.total, let expected = progress.left else { return "" }
        return "about \(expectationWords(expected)) left"
    }
}
