import Analysis
import Charts
import Ledger
import Metering
import Quantities
import Statistics

extension Document {
    /// How the program scales: for each mode and setting a table and its pictures; `nil` where the plan does not ask.
    static func scaling(_ study: Study) -> Section? {
        guard !study.parallelScaling.isEmpty else { return nil }
        let isAlone = study.parallelScaling.count == 1
        let blocks = study.parallelScaling.enumerated().flatMap { index, table -> [Block] in
            let heading =
                table.place.isEmpty
                ? "Work of a fixed size" : table.place.prefix(1).uppercased() + table.place.dropFirst()
            let pictures = [speed(table, index), share(table, index)].compactMap(\.self)
            return (isAlone ? [] : [.heading(heading)])
                + [.table(scalingTable(table))]
                + (pictures.isEmpty ? [] : [.pair(pictures)])
                + [energy(table, index).map(Block.figure), fitTable(table).map(Block.table)].compactMap(\.self)
        }
        return Section(id: "scaling", title: "Scaling", blocks: blocks)
    }

    /// What the first table says in a few figures.
    static func highlights(_ table: ParallelScaling) -> [Highlight] {
        guard let first = table.points.first, let last = table.points.last, first.units != last.units else { return [] }
        let at = table.words(last.units)
        let range = { (estimate: Estimate, words: (Double) -> String) in
            interval(estimate.low, estimate.high, none: .nan, words)
        }
        let share = { (value: Double) in
            percent(value, places: percentPlaces(last.efficiency.low, last.efficiency.high))
        }
        var result = [
            Highlight(
                name: "\(table.mode == .strong ? "Speed-up" : "Scaled speed-up") of \(at)",
                value: decimal(last.speedup.value, places: 2) + " ×",
                detail: range(last.speedup) { decimal($0, places: 2) }
            ),
            Highlight(
                name: "Efficiency of \(at)",
                value: share(last.efficiency.value),
                detail: range(last.efficiency, share)
            ),
        ]
        if let fit = table.carriedFit {
            result.append(
                Highlight(
                    name: fit.law == .universal ? "Contention" : "Serial fraction",
                    value: percent(fit.serialFraction.value),
                    detail: range(fit.serialFraction) { percent($0) }
                )
            )
        }
        if let least = table.leastEnergy {
            result.append(
                Highlight(
                    name: "Least energy, \(word(table.basis))",
                    value: table.words(least.units),
                    detail: Joules(least.cost.value).formatted()
                        + (least.isShown ? "" : ", not shown against its neighbours")
                )
            )
        }
        return result
    }

    private static func scalingTable(_ table: ParallelScaling) -> Table {
        let energy = ColumnUnit("J", for: table.points.compactMap { $0.energy?.value }.max() ?? 0)
        let image = ColumnUnit("J", for: table.points.compactMap { $0.joulesPerImage?.value }.max() ?? 0)
        let plain = ColumnUnit(plain: "")
        let rows = table.points.map { point -> (Int, [Cell]) in
            let isLeast = table.leastEnergy?.units == point.units
            let note = isLeast ? (table.leastEnergy?.isShown == true ? "least energy" : "least energy, not shown") : nil
            return (
                point.units,
                [
                    Cell(table.words(point.units), detail: note), Cell("\(point.runIDs.count)"),
                    plain.cell(point.duration, floor: 0), ratioCell(point.speedup), efficiencyCell(point.efficiency),
                    energy.cell(point.energy, calibration: point.calibration, floor: 0),
                    image.cell(point.joulesPerImage, calibration: point.calibration, floor: 0),
                    plain.cell(point.meanPower, calibration: point.calibration, floor: 0),
                ]
            )
        }
        let missing = table.missing.map {
            (
                $0.units,
                [Cell(table.words($0.units), detail: "missing"), Cell("0")]
                    + [Cell](repeating: Cell("–"), count: 6)
            )
        }
        let reference = table.points.first.map { table.words($0.units) } ?? ""
        return Table(
            caption: "Means over the runs; speed-up and efficiency against \(reference).",
            columns: [
                .words(unitTitle(table)),
                .figures("Runs"), .figures("Time to solution", "s"),
                .figures(table.mode == .strong ? "Speed-up" : "Scaled speed-up"), .figures("Efficiency"),
                .figures("Energy to solution, \(word(table.basis))", energy.symbol),
                .figures("Energy an image", image.symbol), .figures("Mean power", "W"),
            ],
            rows: (rows + missing).sorted { $0.0 < $1.0 }.map(\.1),
            note:
                "Below each mean its 95 % interval from the repeats, a row for itself. The calibration of the sources "
                + "is shared by all rows and moves no ratio."
        ).withoutEmptyColumns
    }

    private static func efficiencyCell(_ estimate: Estimate) -> Cell {
        let places = percentPlaces(estimate.low, estimate.high)
        let words = { (value: Double) in percent(value, places: places) }
        return Cell(
            words(estimate.value),
            detail: estimate.low.flatMap { low in estimate.high.map { "\(words(low)) to \(words($0))" } }
        )
    }

    private static func fitTable(_ table: ParallelScaling) -> Table? {
        guard !table.fits.isEmpty else { return nil }
        let digits = { (estimate: Estimate?) -> Cell in
            guard let estimate else { return Cell("–") }
            guard let low = estimate.low, let high = estimate.high, low < high, high.isFinite else {
                return Cell(significant(estimate.value, digits: 3))
            }
            // As many decimals as the interval supports, so that nearly nothing is no long row of zeros.
            let places = supportedPlaces(uncertainty: (high - low) / 2)
            let words = { (number: Double) in decimal(number, places: places) }
            return Cell(words(estimate.value), detail: "\(words(low)) to \(words(high))")
        }
        return Table(
            caption: "Laws through the times of all runs, by least squares on logarithms.",
            columns: [
                .words("Law"), .figures("Serial fraction or contention"), .figures("Coherency"),
                .figures("Largest throughput at", table.over.rawValue), .figures("p, points lie on it"),
                .figures("AICc"),
            ],
            rows: table.fits.map { fit in
                [
                    Cell(
                        fit.law.words.prefix(1).uppercased() + fit.law.words.dropFirst(),
                        detail: fit.isCarried ? "carried by the data" : nil
                    ),
                    efficiencyOrNumber(fit), digits(fit.coherency), digits(fit.peakUnits),
                    Cell(probability(fit.lackOfFitP)), Cell(fit.criterion.map { decimal($0, places: 1) } ?? "–"),
                ]
            },
            note: "The universal law is told where its coherency is shown to be above zero and AICc prefers it."
        ).withoutEmptyColumns
    }

    private static func efficiencyOrNumber(_ fit: ParallelScaling.Fit) -> Cell {
        let places = fit.serialFraction.low.flatMap { low in
            fit.serialFraction.high.map { min(2, supportedPlaces(uncertainty: ($0 - low) * 50)) }
        }
        let words = { (value: Double) in percent(value, places: places ?? 1) }
        let range = fit.serialFraction.low.flatMap { low in
            fit.serialFraction.high.map { "\(words(low)) to \(words($0))" }
        }
        return Cell(words(fit.serialFraction.value), detail: range)
    }

    // MARK: Pictures

    private static func marks(
        _ table: ParallelScaling,
        _ figure: (ParallelScaling.Point) -> Estimate?
    ) -> [ScalingChart.Mark] {
        table.points.compactMap { point in
            figure(point).map { estimate in
                let range = estimate.low.flatMap { low in estimate.high.map { low...max(low, $0) } }
                return ScalingChart.Mark(units: Double(point.units), value: estimate.value, range: range)
            }
        }
    }

    private static func unitTitle(_ table: ParallelScaling) -> String {
        table.over.rawValue.prefix(1).uppercased() + table.over.rawValue.dropFirst()
    }

    private static func id(_ name: String, _ index: Int) -> String { "scaling-\(name)-\(index + 1)" }

    /// Speed-up of work of a fixed size or of work that grows, with the ideal and the law.
    private static func speed(_ table: ParallelScaling, _ index: Int) -> Figure? {
        guard let first = table.points.first, let last = table.points.last else { return nil }
        let (least, most) = (Double(first.units), Double(last.units))
        let name = table.mode == .strong ? "Speed-up" : "Scaled speed-up"
        let chart = ScalingChart(
            title: "\(name) by \(table.over.rawValue)",
            unitTitle: unitTitle(table),
            valueTitle: "\(name) against \(table.words(first.units))",
            marks: marks(table, \.speedup),
            ideal: ScalingChart.Line(
                label: "ideal",
                points: [Point(x: least, y: 1), Point(x: most, y: most / least)]
            ),
            law: law(table) { place, start in
                start / place.duration * (table.mode == .strong ? 1 : place.units / least)
            },
            isLogarithmic: true,
            words: { decimal($0, places: 2) }
        )
        return Figure(id: id("speed", index), caption: "\(name), 95 % intervals", chart.draw)
    }

    private static func share(_ table: ParallelScaling, _ index: Int) -> Figure? {
        guard let first = table.points.first, let last = table.points.last else { return nil }
        let (least, most) = (Double(first.units), Double(last.units))
        let chart = ScalingChart(
            title: "Efficiency by \(table.over.rawValue)",
            unitTitle: unitTitle(table),
            valueTitle: "Efficiency (%)",
            marks: marks(table) { point in point.efficiency.percents },
            ideal: ScalingChart.Line(label: "ideal", points: [Point(x: least, y: 100), Point(x: most, y: 100)]),
            law: law(table) { place, start in
                100 * start / place.duration * (table.mode == .strong ? least / place.units : 1)
            },
            words: { percent($0 / 100, places: 1) }
        )
        return Figure(id: id("efficiency", index), caption: "Efficiency, 95 % intervals", chart.draw)
    }

    /// The carried law as a figure of its time and of its time at the fewest units.
    private static func law(
        _ table: ParallelScaling,
        _ figure: (ParallelScaling.Fit.Place, Double) -> Double
    ) -> ScalingChart.Line? {
        guard let fit = table.carriedFit, let start = fit.line.first?.duration else { return nil }
        return ScalingChart.Line(
            label: fit.law.words,
            points: fit.line.map { Point(x: $0.units, y: figure($0, start)) }
        )
    }

    private static func energy(_ table: ParallelScaling, _ index: Int) -> Figure? {
        let perImage = table.costShare == .image
        let all = marks(table) { perImage ? $0.joulesPerImage : $0.energy }
        let unit = ColumnUnit("J", for: all.map(\.value).max() ?? 0)
        let scaled = all.map { mark in
            ScalingChart.Mark(
                units: mark.units,
                value: mark.value / unit.factor,
                range: mark.range.map { max(0, $0.lowerBound / unit.factor)...max(0, $0.upperBound / unit.factor) }
            )
        }
        let what = "Energy \(perImage ? "an image" : "to solution")"
        let least = table.costShare == .unit ? nil : table.leastEnergy
        let ringed = least.flatMap { least in
            scaled.firstIndex { $0.units == Double(least.units) }
                .map { (index: $0, label: least.isShown ? "least" : "least, not shown") }
        }
        let symbol = unit.symbol
        let chart = ScalingChart(
            title: "\(what) by \(table.over.rawValue)",
            unitTitle: unitTitle(table),
            valueTitle: "\(what) (\(symbol), \(word(table.basis)))",
            marks: scaled,
            ringed: ringed,
            words: { "\(significant($0)) \(symbol)" }
        )
        return Figure(id: id("energy", index), caption: "\(what), \(word(table.basis)), 95 % intervals", chart.draw)
    }
}

extension Estimate {
    /// A fraction in per cent.
    fileprivate var percents: Estimate {
        Estimate(value: 100 * value, low: low.map { 100 * $0 }, high: high.map { 100 * $0 })
    }
}
