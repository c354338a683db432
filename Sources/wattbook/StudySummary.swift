import Analysis
import Metering
import Quantities

/// A study as people read it in a terminal: the verdict, a table of arms, what was found.
struct StudySummary {
    var study: Study

    /// Prints verdict, arms, comparisons' figures and findings.
    func print(to terminal: Terminal) {
        terminal.line(terminal.bold(study.verdict))
        terminal.line()
        printTable(rows, to: terminal, leading: [0])
        if let basis = study.basis, basis != .measured {
            terminal.line()
            terminal.line(
                terminal.caution(
                    "These joules are \(basis.rawValue), not measured: no sensor of this machine could be read."
                )
            )
        }
        if !study.findings.isEmpty { terminal.line() }
        for finding in study.findings { terminal.line("• " + finding) }
        for warning in study.warnings { terminal.line(terminal.caution("! ") + warning) }
    }

    private var rows: [[String]] {
        let joules = study.basis == .modelled ? "ENERGY, MODELLED" : "ENERGY"
        var rows = [["ARM", "RUNS", "TIME", joules, "POWER", "CO2e", "SPEED-UP", "ENERGY RATIO"]]
        for arm in study.arms {
            let comparison = study.comparisons.first { $0.candidate.runIDs == arm.runIDs }
            rows.append([
                arm.label, "\(arm.runIDs.count)", spread(arm.duration, Time.self),
                arm.energy.map { spread($0, Energy.self) } ?? "–", arm.meanPower.map { spread($0, Power.self) } ?? "–",
                arm.co2e.map { spread($0, CarbonMass.self) } ?? "–",
                comparison.map { ratio($0.speedup) } ?? (arm.isBaseline ? "baseline" : "–"),
                comparison?.energyRatio.map(ratio) ?? (arm.isBaseline ? "baseline" : "–"),
            ])
        }
        return rows
    }

    private func spread<D: Dimension>(_ estimate: Estimate, _ dimension: D.Type) -> String {
        let half = estimate.low.flatMap { low in estimate.high.map { ($0 - low) / 2 } }
        return Quantity<D>(estimate.value).formatted(uncertainty: half.map { Quantity<D>($0) })
    }

    private func ratio(_ estimate: Estimate) -> String {
        guard let low = estimate.low, let high = estimate.high else { return "\(significant(estimate.value)) ×" }
        let places = min(3, max(2, supportedPlaces(uncertainty: (high - low) / 2)))
        return "\(decimal(estimate.value, places: places)) × "
            + "(\(decimal(low, places: places)) to \(decimal(high, places: places)))"
    }
}
