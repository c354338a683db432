internal import Quantities

extension PowerChart {
    /// The same lines in PGFPlots, with the visits of the outermost regions as shades.
    var pgfplots: String {
        let watts = AxisUnit.prefixed("W", for: largest)
        let time = AxisUnit.time(for: longest)
        let ceiling = max(largest / watts.factor, 1e-9) * 1.05
        var chart = PGFPlots([
            "height=5.5cm", "xmin=0", "xmax=\(significant(longest / time.factor, digits: 6))", "ymin=0",
            "ymax=\(significant(ceiling, digits: 6))", "xlabel={Time since the start (\(latex(time.symbol)))}",
            "ylabel={Power (\(latex(watts.symbol)))}", "legend columns=1",
            "legend style={draw=none, at={(0.5,1.02)}, anchor=south, cells={anchor=west}}",
            "axis on top",
        ])
        var colours: [String: Int] = [:]
        // Visits in their hundreds are a texture, and no information on paper.
        for band in bands.filter({ $0.depth == 0 }).prefix(100) {
            let colour = colours[band.path] ?? (colours.count + 2)
            colours[band.path] = colour
            let (from, to) = (band.from / time.factor, min(band.to, longest) / time.factor)
            let edges = [from, to].map { significant($0, digits: 6) }
            let height = significant(ceiling, digits: 6)
            chart.add(
                "\\fill[wattbook\(colour % 8), fill opacity=.12] (axis cs:\(edges[0]),0) rectangle "
                    + "(axis cs:\(edges[1]),\(height));"
            )
            guard to - from > 0.08 * longest / time.factor else { continue }
            let middle = Point(x: (from + to) / 2, y: 0)
            chart.node(fitted(band.path, to: 90), at: middle, style: "anchor=south, font=\\scriptsize, wattbooksoft")
        }
        for (index, line) in lines.enumerated() {
            let points = thinned(line.points, limit: PGFPlots.pointLimit).map {
                Point(x: $0.x / time.factor, y: $0.y / watts.factor)
            }
            chart.plot(
                points,
                style: PGFPlots.line(index) + ", unbounded coords=jump",
                legend: lines.count > 1 ? line.label : nil
            )
        }
        return chart.text
    }
}

extension ForestPlot {
    /// The same ratios in PGFPlots on a logarithmic axis, or the same differences on a linear one.
    func pgfplots(_ rows: [Row], low: Double, high: Double) -> String {
        let ticks = axis == .ratio ? Ticks.ratios(low, high, atMost: 8) : Ticks.linear(low, high, about: 5)
        let none = axis == .ratio ? 1.0 : 0
        var chart = PGFPlots(
            (axis == .ratio ? ["xmode=log"] : ["scaled x ticks=false"]) + [
                "xmin=\(significant(low, digits: 5))", "xmax=\(significant(high, digits: 5))", "clip=false",
                "xlabel={\(latex(quantity))}", "xmajorgrids", "grid style={wattbookrule}",
            ] + PGFPlots.ticks("x", ticks) + PGFPlots.names(rows.map(\.label))
        )
        let top = Double(rows.count) - 0.3
        func rule(at x: Double, _ style: String) {
            chart.segment(from: Point(x: x, y: -0.7), to: Point(x: x, y: top), style: style)
        }
        rule(at: none, PGFPlots.reference)
        if case .difference(let margin?) = axis {
            rule(at: margin, "wattbook1, densely dotted, line width=.8pt")
            let place = Point(x: margin, y: -0.7)
            chart.node("margin \(margin)", at: place, style: "anchor=south, font=\\scriptsize, wattbook1")
        }
        let scale = Scale(domain: low...high, range: (0, 1), logarithmic: axis == .ratio)
        for (index, row) in rows.enumerated() {
            let y = Double(index)
            if let low = row.low, let high = row.high, axis != .ratio || low > 0, high.isFinite {
                chart.segment(from: Point(x: low, y: y), to: Point(x: high, y: y))
            }
            let place = Point(x: row.value, y: y)
            // Near an end of the axis the figure stands on the side that has room.
            let part = scale(row.value)
            let anchor = part < 0.2 ? "south west" : part > 0.8 ? "south east" : "south"
            chart.node(row.caption(on: axis), at: place, style: "anchor=\(anchor), font=\\scriptsize, wattbooksoft")
        }
        let values = { (published: Bool) in
            rows.enumerated().filter { $1.isPublished == published }.map { Point(x: $1.value, y: Double($0)) }
        }
        chart.plot(values(false), style: PGFPlots.mark(0))
        chart.plot(values(true), style: "only marks, wattbook3, mark=diamond, mark size=2.4pt")
        return chart.text
    }
}

extension StackedBars {
    /// The same bars in PGFPlots.
    func pgfplots(unit: AxisUnit, largest: Double) -> String {
        var chart = PGFPlots(
            [
                "xbar stacked", "bar width=8pt", "xmin=0",
                "xmax=\(significant(largest / unit.factor * 1.05, digits: 5))",
                "xlabel={\(latex(quantity)) (\(latex(unit.symbol)))}", "scaled x ticks=false",
                "x tick label style={/pgf/number format/fixed}",
                "legend style={draw=none, at={(0.5,1.02)}, anchor=south, /tikz/every even column/.append "
                    + "style={column sep=8pt}}", "legend columns=-1", "area legend",
            ] + PGFPlots.names(bars.map(\.label))
        )
        for (index, part) in parts.enumerated() {
            let values = bars.enumerated().map { row, bar in
                Point(x: (bar.values.indices.contains(index) ? bar.values[index] : 0) / unit.factor, y: Double(row))
            }
            let style = "fill=wattbook\(index % 8), draw=white"
            chart.plot(values, style: style, legend: parts.count > 1 ? part : nil)
        }
        for (row, bar) in bars.enumerated() {
            guard let spread = bar.uncertainty, spread > 0, spread.isFinite else { continue }
            let y = Double(row) + 0.32
            chart.segment(
                from: Point(x: max(0, bar.sum - spread) / unit.factor, y: y),
                to: Point(x: (bar.sum + spread) / unit.factor, y: y)
            )
        }
        return chart.text
    }
}

extension ScatterPlot {
    /// The same runs, means and front in PGFPlots.
    func pgfplots(time: AxisUnit, energy: AxisUnit, x: ClosedRange<Double>, y: ClosedRange<Double>) -> String {
        let bound = { (value: Double) in significant(value, digits: 6) }
        var chart = PGFPlots([
            "height=7cm", "xmin=\(bound(x.lowerBound))", "xmax=\(bound(x.upperBound))",
            "ymin=\(bound(y.lowerBound))", "ymax=\(bound(y.upperBound))",
            "xlabel={Duration of a run (\(latex(time.symbol)))}",
            "ylabel={Energy of a run (\(latex(energy.symbol)), \(latex(basis)))}", "scaled ticks=false",
            "tick label style={/pgf/number format/fixed}", "grid=major", "grid style={wattbookrule}",
            "legend style={draw=none, at={(0.5,1.02)}, anchor=south, cells={anchor=west}}",
            "legend columns=\(series.count > 4 ? 1 : 2)",
        ])
        let place = { (point: Point) in Point(x: point.x / time.factor, y: point.y / energy.factor) }
        chart.plot(front.map(place), style: PGFPlots.reference)
        for (index, arm) in series.enumerated() {
            chart.plot(arm.points.map(place), style: PGFPlots.mark(index), legend: arm.label)
            guard let mean = arm.mean, mean.x.isFinite, mean.y.isFinite else { continue }
            let centre = place(mean)
            if let range = arm.time {
                let ends = [range.lowerBound, range.upperBound].map { Point(x: $0 / time.factor, y: centre.y) }
                chart.segment(from: ends[0], to: ends[1])
            }
            if let range = arm.energy {
                let ends = [range.lowerBound, range.upperBound].map { Point(x: centre.x, y: $0 / energy.factor) }
                chart.segment(from: ends[0], to: ends[1])
            }
            chart.plot([centre], style: "only marks, wattbook\(index % 8), mark=o, mark size=4pt, line width=.8pt")
        }
        return chart.text
    }
}
