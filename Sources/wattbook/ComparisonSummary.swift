import Analysis
import Quantities
import RealModule

/// A comparison as people read it: the verdict in a sentence, then figures with bars for their intervals.
struct ComparisonSummary {
    var comparison: Comparison

    /// Prints the sentence, the figures and the findings.
    func print(to terminal: Terminal) {
        terminal.line("\(terminal.bold(sentence))  \(verdict(terminal))")
        var rows = [row("speed-up", comparison.speedup, terminal, better: >)]
        let ratios: [(String, Estimate?)] = [
            ("energy", comparison.energyRatio), ("energy, net", comparison.netEnergyRatio),
            ("power", comparison.powerRatio), ("energy x time", comparison.edpRatio),
        ]
        rows.append(contentsOf: ratios.compactMap { name, ratio in ratio.map { row(name, $0, terminal, better: <) } })
        for line in aligned(rows, leading: [0, 2, 3]) { terminal.line("  " + line) }
        if let saved = comparison.energySaved {
            terminal.line(
                "  saved   \(Joules(saved.joulesPerRun).formatted()) a run (\(percent(saved.fraction)))"
                    + (comparison.co2eSavedGramsPerRun.map { ", \(GramsCO2e($0.value).formatted())" } ?? "")
            )
        }
        if let quality = comparison.quality {
            terminal.line(
                "  \(quality.metric)   \(significant(quality.baseline)) → \(significant(quality.candidate)): "
                    + "\(quality.verdict.rawValue) at a margin of \(significant(quality.margin))"
            )
        }
        for finding in comparison.findings { terminal.line("  • " + finding) }
    }

    private var sentence: String {
        "\(comparison.candidate.label) (\(comparison.candidate.runs) runs) against "
            + "\(comparison.baseline.label) (\(comparison.baseline.runs) runs)"
    }

    private func verdict(_ terminal: Terminal) -> String {
        let word = comparison.verdict.rawValue
        switch comparison.verdict {
        case .savesEnergy: return terminal.good(word)
        case .costsEnergy: return terminal.bad(word)
        case .noDifferenceShown, .dependsOnIdle, .notComparable: return terminal.caution(word)
        }
    }

    /// One ratio: its name, value, interval, and a bar around 1 on a scale of a factor of four.
    private func row(
        _ name: String,
        _ estimate: Estimate,
        _ terminal: Terminal,
        better: (Double, Double) -> Bool
    ) -> [String] {
        let interval: String
        if let low = estimate.low, let high = estimate.high {
            let places = max(2, supportedPlaces(uncertainty: (high - low) / 2))
            interval = "\(decimal(low, places: places)) to \(decimal(high, places: places))"
        } else {
            interval = "no interval"
        }
        let bar = intervalBar(estimate)
        let clear = estimate.low.map { better($0, 1) && better(estimate.high ?? $0, 1) } ?? false
        return [name, "\(significant(estimate.value)) ×", terminal.dim(interval), clear ? terminal.good(bar) : bar]
    }
}

/// Draws an interval as `·····├──●──┤·····` on a logarithmic scale from 1/4 to 4, with `│` at 1.
func intervalBar(_ estimate: Estimate, cells: Int = 41) -> String {
    func cell(_ ratio: Double) -> Int {
        let position = (Double.log2(ratio) + 2) / 4
        return min(cells - 1, max(0, Int((position * Double(cells - 1)).rounded())))
    }
    var bar = Array(repeating: Character("·"), count: cells)
    bar[cells / 2] = "│"
    if let low = estimate.low, let high = estimate.high, low > 0 {
        for index in cell(low)...max(cell(low), cell(high)) { bar[index] = "─" }
        bar[cell(low)] = "├"
        bar[cell(high)] = "┤"
    }
    if estimate.value > 0 { bar[cell(estimate.value)] = "●" }
    return String(bar)
}
