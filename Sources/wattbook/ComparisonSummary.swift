import Analysis
import Quantities
import RealModule

/// A comparison as people read it: the verdict in a sentence, then figures with bars for their intervals.
struct ComparisonSummary {
    var comparison: Comparison
    /// Whether joules of a side come from a model, in part or whole; it stands beside every figure made of them.
    var isModelled = false

    /// Prints the sentence, the figures and the findings.
    func print(to terminal: Terminal) {
        terminal.line(terminal.bold(sentence))
        terminal.line(
            "  verdict on energy: \(verdict(terminal))"
                + (isModelled ? ", modelled, not measured" : "")
                + (comparison.relevance.map { $0 == .undecided ? "; relevance undecided" : "; \($0.rawValue)" } ?? "")
        )
        var rows = [row("speed-up", comparison.speedup, terminal, better: >)]
        let ratios: [(String, Estimate?)] = [
            ("energy", comparison.energyRatio), ("energy above idle", comparison.netEnergyRatio),
            ("power", comparison.powerRatio), ("energy x time", comparison.edpRatio),
        ]
        rows.append(
            contentsOf: ratios.compactMap { name, ratio in
                ratio.map { row(name + (isModelled ? ", modelled" : ""), $0, terminal, better: <) }
            }
        )
        let word = isModelled ? ", modelled" : ""
        let toTarget = [
            ("time to target", comparison.target?.timeRatio),
            ("energy to target" + word, comparison.target?.energyRatio),
        ]
        rows += toTarget.compactMap { name, ratio in ratio.map { row(name, $0, terminal, better: <) } }
        for line in aligned(rows, leading: [0, 2, 3]) { terminal.line("  " + line) }
        if rows.contains(where: { $0[3].contains("●") }) {
            terminal.line(terminal.dim("  bars: ratios from 1/4 to 4, logarithmic, 95 % intervals; │ is no difference"))
        }
        if let quality = comparison.quality {
            terminal.line(
                "  \(quality.metric): \(significant(quality.baseline)) → \(significant(quality.candidate)), "
                    + "\(quality.verdict.rawValue) at a margin of \(quality.margin)"
            )
        }
        if let target = comparison.target {
            let sides = [target.baseline, target.candidate].map { reach in
                guard let time = reach.duration else { return "reached by \(reach.reached) of \(reach.runs)" }
                return duration(Seconds(time.value))
                    + (reach.energy.map { ", \(Joules($0.value).formatted())" + (isModelled ? " modelled" : "") } ?? "")
            }
            terminal.line("  to \(target.target.words): " + sides.joined(separator: " → "))
        }
        for finding in comparison.findings { terminal.item("  • ", finding) }
    }

    private var sentence: String {
        "\(side(comparison.candidate)) against \(side(comparison.baseline))"
    }

    private func side(_ side: Comparison.Side) -> String {
        "\(side.label) (\(side.runs) \(side.runs == 1 ? "run" : "runs"))"
    }

    private func verdict(_ terminal: Terminal) -> String {
        let word = comparison.verdict.rawValue
        switch comparison.verdict {
        case .savesEnergy: return terminal.good(word)
        case .costsEnergy: return terminal.bad(word)
        case .noDifferenceShown, .dependsOnIdle, .notComparable: return terminal.caution(word)
        }
    }

    /// Decimals of a ratio and its interval alike.
    private func digits(_ estimate: Estimate) -> Int {
        guard let low = estimate.low, let high = estimate.high else { return 2 }
        return min(3, max(2, supportedPlaces(uncertainty: (high - low) / 2)))
    }

    /// An odd number of cells, so that 1 has one of its own; fewer where the terminal is narrow.
    private func barCells(_ terminal: Terminal) -> Int { min(41, max(11, terminal.width - 58)) | 1 }

    /// One ratio: its name, value, interval, and a bar around 1 on a scale of a factor of four.
    private func row(
        _ name: String,
        _ estimate: Estimate,
        _ terminal: Terminal,
        better: (Double, Double) -> Bool
    ) -> [String] {
        let interval: String
        if let low = estimate.low, let high = estimate.high {
            let places = digits(estimate)
            interval = "\(decimal(low, places: places)) to \(decimal(high, places: places))"
        } else {
            interval = "no interval"
        }
        let bar = intervalBar(estimate, cells: barCells(terminal))
        let clear = estimate.low.map { better($0, 1) && better(estimate.high ?? $0, 1) } ?? false
        return [
            name, decimal(estimate.value, places: digits(estimate)), terminal.dim(interval),
            clear ? terminal.good(bar) : bar,
        ]
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
