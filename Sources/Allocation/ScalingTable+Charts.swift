internal import Analysis
internal import Charts
internal import Quantities
internal import Statistics

extension ScalingTable {
    /// Speed-up (of weak scaling the efficiency) and energy against size, with the ideal and the law.
    func figures(_ index: Int) -> [Page.Figure] {
        let isStrong = scaling.kind == .strong
        let perUnit = !isStrong && rows.allSatisfy { $0.energyPerUnit != nil }
        let (speed, energy) = (isStrong ? "Speed-up" : "Efficiency", perUnit ? "Energy per unit of work" : "Energy")
        let joules = { (row: Row) in perUnit ? row.energyPerUnit : row.energy }
        let largest = rows.compactMap { joules($0)?.value }.max() ?? 0
        let units: [(symbol: String, joules: Double)] = [("GJ", 1e9), ("MJ", 1e6), ("kJ", 1e3)]
        let unit = units.first { largest >= $0.joules } ?? ("J", 1)
        return [
            figure(
                "speed-\(index + 1)",
                speed,
                chart(speed, isLogarithmic: isStrong) { row in
                    (isStrong ? row.speedup : row.efficiency) ?? Amount(1)
                }
            ),
            figure(
                "energy-\(index + 1)",
                energy,
                chart("\(energy) (\(unit.symbol))") { row in
                    joules(row)?.scaled(by: 1 / unit.joules)
                }
            ),
        ].compactMap(\.self)
    }

    private func figure(_ id: String, _ what: String, _ chart: ScalingChart) -> Page.Figure? {
        guard let wide = chart.draw(.wide), let narrow = chart.draw(.narrow) else { return nil }
        let caption = "\(scaling.name): \(what.lowercased()) over \(scaling.over), with 95 % intervals."
        return Page.Figure(id: "scaling-\(id)", caption: caption, wide: wide, narrow: narrow)
    }

    private func chart(_ title: String, isLogarithmic: Bool? = nil, _ figure: (Row) -> Amount?) -> ScalingChart {
        let isSpeed = isLogarithmic != nil
        return ScalingChart(
            title: "\(title) by \(scaling.over)",
            unitTitle: unitTitle,
            valueTitle: title,
            marks: rows.compactMap { row in
                figure(row).map { amount in
                    let range = amount.low.flatMap { low in amount.high.map { low...max(low, $0) } }
                    return ScalingChart.Mark(units: Double(row.size), value: amount.value, range: range)
                }
            },
            ideal: isSpeed ? ideal : nil,
            law: isSpeed ? lawLine : nil,
            isLogarithmic: isLogarithmic ?? false,
            words: { significant($0) }
        )
    }

    /// What is added, as a heading.
    var unitTitle: String { scaling.over.prefix(1).uppercased() + scaling.over.dropFirst() }

    private var ideal: ScalingChart.Line? {
        guard let first = rows.first, let last = rows.last else { return nil }
        let growth = Double(last.size) / Double(first.size)
        return ScalingChart.Line(
            label: "ideal",
            points: [
                Point(x: Double(first.size), y: 1),
                Point(x: Double(last.size), y: scaling.kind == .strong ? growth : 1),
            ]
        )
    }

    private var lawLine: ScalingChart.Line? {
        guard let law, let start = law.line.first?.duration else { return nil }
        return ScalingChart.Line(
            label: law.law.words,
            points: law.line.map { Point(x: $0.units, y: start / $0.duration) }
        )
    }
}

extension ParallelScaling.Fit {
    /// What the law says, with its interval.
    var sentence: String {
        let range = serialFraction.low.flatMap { low in
            serialFraction.high.map { " (\(percent(low)) to \(percent($0)))" }
        }
        return "The times follow \(law.words) with a \(law == .universal ? "contention" : "serial fraction") of "
            + percent(serialFraction.value) + (range ?? "") + "."
    }
}
