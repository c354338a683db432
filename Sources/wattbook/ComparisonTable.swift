import Analysis
import Quantities

/// Several candidates beside one baseline, a row each.
struct ComparisonTable {
    var comparisons: [Comparison]
    var isModelled: Bool

    /// Prints the table; intervals are adjusted for the number of rows.
    func print(to terminal: Terminal) {
        guard let first = comparisons.first else { return }
        let energy = isModelled ? "ENERGY, MODELLED" : "ENERGY"
        var rows = [["AGAINST \(first.baseline.label)", "RUNS", "SPEED-UP", energy, "POWER", "VERDICT ON ENERGY"]]
        for comparison in comparisons {
            rows.append([
                comparison.candidate.label, "\(comparison.candidate.runs)", ratioText(comparison.speedup),
                comparison.energyRatio.map(ratioText) ?? "–", comparison.powerRatio.map(ratioText) ?? "–",
                comparison.verdict.rawValue,
            ])
        }
        printTable(rows, to: terminal, leading: [0, 5])
        terminal.line(terminal.dim("(to): 95 % intervals, adjusted for \(comparisons.count) comparisons (Holm)"))
    }
}

/// A ratio with its interval in brackets, with the digits that the interval supports.
func ratioText(_ estimate: Estimate) -> String {
    guard let low = estimate.low, let high = estimate.high else { return significant(estimate.value) }
    let places = min(3, max(2, supportedPlaces(uncertainty: (high - low) / 2)))
    return
        "\(decimal(estimate.value, places: places)) (\(decimal(low, places: places)) to \(decimal(high, places: places)))"
}
