import Analysis
import Ledger
import Metering
import Quantities

/// Tables of scaling as people read them in a terminal: the answer, the figures, what was found.
struct ScalingSummary {
    var study: Study

    /// Prints verdict, tables, findings and warnings.
    func print(to terminal: Terminal) {
        terminal.item("", study.verdict, paint: terminal.bold, wholly: true)
        for table in study.parallelScaling {
            terminal.line()
            if study.parallelScaling.count > 1 || !table.place.isEmpty {
                terminal.line(table.place.isEmpty ? "work that stays" : table.place)
            }
            printTable(rows(table), to: terminal)
        }
        terminal.line(terminal.dim("± and (to): 95 % intervals from the repeats, a row for itself."))
        if !study.findings.isEmpty { terminal.line() }
        for finding in study.parallelScaling.flatMap(\.findings) where finding != study.verdict {
            terminal.item("• ", finding)
        }
        if !study.warnings.isEmpty { terminal.line() }
        for warning in study.warnings { terminal.item("! ", warning, paint: terminal.caution) }
    }

    private func rows(_ table: ParallelScaling) -> [[String]] {
        let joules = table.basis == .measured ? "ENERGY" : "ENERGY, \((table.basis?.rawValue ?? "none").uppercased())"
        let hasImages = table.points.contains { $0.joulesPerImage != nil }
        let speed = table.mode == .strong ? "SPEED-UP" : "SCALED SPEED-UP"
        let heads = [table.over.rawValue.uppercased(), "RUNS", "TIME", speed, "EFFICIENCY", joules]
        let points = table.points.map { point in
            (
                point.units,
                [
                    "\(point.units)", "\(point.runIDs.count)", spread(point.duration, Time.self),
                    ratioText(point.speedup),
                    share(point.efficiency), mark(table, point) + (point.energy.map { spread($0, Energy.self) } ?? "–"),
                ] + (hasImages ? [point.joulesPerImage.map { spread($0, Energy.self) } ?? "–"] : [])
            )
        }
        let missing = table.missing.map { ($0.units, ["\($0.units)", "–"]) }
        return [heads + (hasImages ? ["AN IMAGE"] : [])] + (points + missing).sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// The point of the least energy has a mark before it, an open one where it is not shown.
    private func mark(_ table: ParallelScaling, _ point: ParallelScaling.Point) -> String {
        guard let least = table.leastEnergy, least.units == point.units else { return "" }
        return least.isShown ? "● " : "○ "
    }

    private func share(_ estimate: Estimate) -> String {
        guard let low = estimate.low, let high = estimate.high else { return percent(estimate.value, places: 0) }
        let places = min(1, supportedPlaces(uncertainty: (high - low) * 50))
        let words = { (value: Double) in percent(value, places: places) }
        return "\(words(estimate.value)) (\(decimal(low * 100, places: places)) to \(words(high)))"
    }
}

/// A mean with its interval as `12.3 ± 0.4 s`.
func spread<D: Dimension>(_ estimate: Estimate, _ dimension: D.Type) -> String {
    let half = estimate.low.flatMap { low in estimate.high.map { ($0 - low) / 2 } }
    return Quantity<D>(estimate.value).formatted(uncertainty: half.map { Quantity<D>($0) })
}
