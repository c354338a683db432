import Analysis
import Metering
import Quantities

/// A study as people read it in a terminal: the verdict, a table of arms, what was found.
struct StudySummary {
    var study: Study

    /// Prints verdict, arms, comparisons' figures and findings.
    func print(to terminal: Terminal) {
        terminal.item("", study.verdict, paint: terminal.bold, wholly: true)
        terminal.line()
        tables(terminal)
        terminal.line(terminal.dim("± and (to): 95 % intervals from the repeats, without what all runs share."))
        if !study.findings.isEmpty { terminal.line() }
        for finding in study.findings { terminal.item("• ", finding) }
        if !study.warnings.isEmpty { terminal.line() }
        for warning in study.warnings { terminal.item("! ", warning, paint: terminal.caution) }
    }

    /// One table where the terminal has room, else the figures of the arms above their ratios.
    private func tables(_ terminal: Terminal) {
        let whole = zip(figures, ratios).map { $0 + $1.dropFirst() }
        let width = aligned(whole).map(\.count).max() ?? 0
        if study.comparisons.isEmpty { return printTable(figures, to: terminal) }
        if width <= terminal.width { return printTable(whole, to: terminal) }
        printTable(figures, to: terminal)
        terminal.line()
        printTable(ratios, to: terminal)
    }

    private var figures: [[String]] {
        let joules = study.basis == .modelled ? "ENERGY, MODELLED" : "ENERGY"
        let hasNet = study.arms.contains { $0.netEnergy != nil }
        return [["ARM", "RUNS", "TIME", joules] + (hasNet ? ["ABOVE IDLE"] : []) + ["POWER", "CO2e"]]
            + study.arms.map { arm in
                let energy = [arm.energy] + (hasNet ? [arm.netEnergy] : [])
                return [arm.label, "\(arm.runIDs.count)", spread(arm.duration, Time.self)]
                    + energy.map { $0.map { spread($0, Energy.self) } ?? "–" } + [
                        // Repeats agree on these to more digits than sensors and grids are known to.
                        arm.meanPower.map { Watts($0.value).formatted() } ?? "–",
                        arm.co2e.map { GramsCO2e($0.value).formatted() } ?? "–",
                    ]
            }
    }

    private var ratios: [[String]] {
        [["ARM", "SPEED-UP", "ENERGY RATIO"]]
            + study.arms.map { arm in
                let comparison = study.comparisons.first { $0.candidate.runIDs == arm.runIDs }
                let none = arm.isBaseline ? "baseline" : "–"
                return [
                    arm.label, comparison.map { ratioText($0.speedup) } ?? none,
                    comparison?.energyRatio.map(ratioText) ?? none,
                ]
            }
    }
}
