internal import Quantities

extension ScalingChart {
    /// The same means, lines and ring in PGFPlots.
    func pgfplots(x: ClosedRange<Double>, y: ClosedRange<Double>, yTicks: Ticks) -> String {
        let shown = marks.filter { $0.units > 0 && $0.value.isFinite }
        let units = Set(shown.map(\.units)).sorted()
        var chart = PGFPlots(
            ["height=6.5cm", "xmode=log"] + (isLogarithmic ? ["ymode=log"] : ["scaled y ticks=false"])
                + PGFPlots.bounds(x: x, y: y)
                + PGFPlots.ticks("x", Ticks(values: units, labels: units.map { decimal($0, places: 0) }))
                + PGFPlots.ticks("y", yTicks) + [
                    "xlabel={\(latex(unitTitle))}", "ylabel={\(latex(valueTitle))}", "ymajorgrids",
                    "grid style={wattbookrule}", "legend columns=-1", "clip mode=individual",
                    "legend style={draw=none, at={(0.5,1.02)}, anchor=south, "
                        + "/tikz/every even column/.append style={column sep=8pt}}",
                ]
        )
        let isAlone = ideal == nil && law == nil
        if let ideal { chart.plot(ideal.points, style: PGFPlots.reference, legend: ideal.label) }
        if let law {
            chart.plot(thinned(law.points, limit: PGFPlots.pointLimit), style: PGFPlots.line(1), legend: law.label)
        }
        for mark in shown {
            guard let range = mark.range, y.contains(range.lowerBound) || !isLogarithmic else { continue }
            chart.segment(
                from: Point(x: mark.units, y: range.lowerBound),
                to: Point(x: mark.units, y: range.upperBound)
            )
        }
        let means = shown.map { Point(x: $0.units, y: $0.value) }
        chart.plot(means, style: PGFPlots.mark(0), legend: isAlone ? nil : "measured")
        guard let ringed, marks.indices.contains(ringed.index) else { return chart.text }
        let centre = Point(x: marks[ringed.index].units, y: marks[ringed.index].value)
        chart.plot([centre], style: "only marks, wattbookink, mark=o, mark size=4pt, line width=.8pt")
        // As on the screen: to the side that has room, and below, where the curve through a least point is not.
        let side = centre.x * centre.x > x.lowerBound * x.upperBound ? "north east" : "north west"
        chart.node(ringed.label, at: centre, style: "anchor=\(side), yshift=-6pt, font=\\scriptsize\\bfseries")
        return chart.text
    }
}

extension SizePlot {
    /// The same ratios, intervals and lines in PGFPlots; both axes logarithmic.
    func pgfplots(x: ClosedRange<Double>, y: ClosedRange<Double>, xTicks: Ticks, yTicks: Ticks) -> String {
        var chart = PGFPlots(
            ["height=6.5cm", "xmode=log", "ymode=log"] + PGFPlots.bounds(x: x, y: y) + PGFPlots.ticks("x", xTicks)
                + PGFPlots.ticks("y", yTicks) + [
                    "xlabel={\(latex(size)) (each step to the right doubles)}", "ylabel={\(latex(quantity))}",
                    "ymajorgrids", "grid style={wattbookrule}", "legend columns=1", "clip mode=individual",
                    "legend style={draw=none, at={(0.5,1.02)}, anchor=south, cells={anchor=west}}",
                ]
        )
        chart.segment(from: Point(x: x.lowerBound, y: 1), to: Point(x: x.upperBound, y: 1), style: PGFPlots.reference)
        for (index, series) in series.enumerated() {
            // Side by side, so that no interval hides another.
            let shift = "xshift=\(decimal((Double(index) - Double(self.series.count - 1) / 2) * 4, places: 1))pt"
            let entries = series.entries.filter { $0.size > 0 && $0.value > 0 && $0.value.isFinite }
                .sorted { $0.size < $1.size }
            for entry in entries {
                guard let low = entry.low, let high = entry.high, low > 0, high.isFinite else { continue }
                chart.segment(
                    from: Point(x: entry.size, y: low),
                    to: Point(x: entry.size, y: high),
                    style: "wattbookink, line width=.6pt, \(shift)"
                )
            }
            let points = entries.map { Point(x: $0.size, y: $0.value) }
            let style = "\(PGFPlots.line(index)), \(PGFPlots.shape(index)), mark options={solid}, \(shift)"
            chart.plot(points, style: style, legend: "\(series.label): \(series.slope)")
        }
        return chart.text
    }
}

extension GroupedBars {
    /// The same bars in PGFPlots, each group below its name.
    func pgfplots(unit: AxisUnit, largest: Double, figure: (Bar) -> String) -> String {
        let rows = groups.flatMap { group in [(group.label, nil)] + group.bars.map { ($0.label, $0) } }
        let heads = Set(rows.indices.filter { rows[$0].1 == nil })
        var chart = PGFPlots(
            [
                // Room for the figures behind the longest bar.
                "xbar", "bar shift=0pt", "bar width=7pt", "xmin=0", "clip=false",
                "xmax=\(significant(largest / unit.factor * 1.3, digits: 5))",
                "xlabel={\(latex(quantity)) (\(latex(unit.symbol)))}", "scaled x ticks=false", "xmajorgrids",
                "grid style={wattbookrule}", "x tick label style={/pgf/number format/fixed}", "ytick style={draw=none}",
            ] + PGFPlots.names(rows.map(\.0), strong: heads, pitch: 0.5)
        )
        let bars = rows.enumerated().compactMap { row, entry in entry.1.map { (row: Double(row), bar: $0) } }
            .filter { $0.bar.value.isFinite && $0.bar.value >= 0 }
        for series in Set(bars.map(\.bar.series)).sorted() {
            let points = bars.filter { $0.bar.series == series }
                .map { Point(x: $0.bar.value / unit.factor, y: $0.row) }
            chart.plot(points, style: "fill=wattbook\(series % 8), draw=white")
        }
        for (row, bar) in bars {
            var end = bar.value
            if let low = bar.low, let high = bar.high, high.isFinite {
                end = max(end, high)
                chart.segment(
                    from: Point(x: max(0, low) / unit.factor, y: row),
                    to: Point(x: high / unit.factor, y: row)
                )
            }
            let place = Point(x: end / unit.factor, y: row)
            chart.node(figure(bar), at: place, style: "anchor=west, font=\\scriptsize, wattbooksoft")
        }
        return chart.text
    }
}
