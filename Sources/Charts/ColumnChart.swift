internal import Quantities

/// Quantities of equal stretches of time, side by side: grams by hour of the day, joules by month.
///
/// Series stand beside each other and never on one another, so that measured and modelled joules make no sum.
public struct ColumnChart: Sendable, Hashable {
    /// One quantity over all stretches.
    public struct Series: Sendable, Hashable {
        public var label: String
        /// One value a stretch; `nil` where it has none.
        public var values: [Double?]
        /// Half-widths of 95 % intervals, in the order of ``values``; empty where none is known.
        public var uncertainties: [Double?]

        /// A series; the arguments are the properties of the same names.
        public init(label: String, values: [Double?], uncertainties: [Double?] = []) {
            self.label = label
            self.values = values
            self.uncertainties = uncertainties
        }
    }

    public var title: String
    /// What the vertical axis counts, as `CO2e`.
    public var quantity: String
    /// The unit's symbol without prefix, as `g`.
    public var unit: String
    /// What the stretches are, as `Hour of the day (UTC)`.
    public var stretch: String
    public var stretches: [String]
    public var series: [Series]

    /// A chart; the arguments are the properties of the same names.
    public init(
        title: String,
        quantity: String,
        unit: String,
        stretch: String,
        stretches: [String],
        series: [Series]
    ) {
        self.title = title
        self.quantity = quantity
        self.unit = unit
        self.stretch = stretch
        self.stretches = stretches
        self.series = series
    }

    /// Draws the chart; `nil` where every value is zero or missing.
    public func draw(_ width: ChartWidth) -> Chart? {
        let ends = series.flatMap { row in row.values.indices.map { row.end($0) } }.filter(\.isFinite)
        guard let largest = ends.max(), largest > 0 else { return nil }
        let unit = AxisUnit.prefixed(self.unit, for: largest)
        var canvas = Canvas()
        var top = 0.0
        if series.count > 1 {
            top += canvas.legend(series.map(\.label), left: 0, width: width.rawValue, top: 0) { canvas, index, x, y in
                canvas.rectangle(x: x, y: y - 5, width: 11, height: 11, as: "bar \(Chart.series(index))", radius: 2)
            }
        }
        let plot = Plot(
            left: 50,
            top: top + 28,
            right: width.rawValue - 8,
            bottom: top + 28 + (width == .wide ? 200 : 170),
            x: 0...Double(stretches.count),
            y: 0...(largest / unit.factor * 1.05)
        )
        let ticks = Ticks.linear(0, largest / unit.factor * 1.05, about: 4)
        plot.drawY(ticks, title: "\(quantity) (\(unit.symbol))", on: &canvas, titleY: top + 14)
        drawColumns(plot, unit, on: &canvas)
        let middles = Ticks(values: stretches.indices.map { Double($0) + 0.5 }, labels: stretches)
        plot.drawX(middles, title: stretch, on: &canvas)
        return Chart(
            width: width.rawValue,
            height: plot.bottom + 40,
            title: title,
            description: words(unit),
            markup: canvas.markup,
            pgfplots: width == .wide ? pgfplots(unit) : ""
        )
    }

    private func drawColumns(_ plot: Plot, _ unit: AxisUnit, on canvas: inout Canvas) {
        // A sixth of a stretch stays free on either side.
        let room = 2.0 / 3 / Double(max(1, series.count))
        for (index, row) in series.enumerated() {
            for (place, value) in row.values.enumerated() {
                guard let value, value.isFinite, value > 0 else { continue }
                let left = plot.x(Double(place) + 1.0 / 6 + Double(index) * room)
                let right = plot.x(Double(place) + 1.0 / 6 + Double(index + 1) * room)
                let height = plot.y(value / unit.factor)
                let name = series.count > 1 ? "\(row.label), " : ""
                canvas.rectangle(
                    x: left,
                    y: height,
                    width: right - left,
                    height: plot.bottom - height,
                    as: "bar \(Chart.series(index))",
                    tip: "\(stretches[place]): \(name)\(significant(value / unit.factor, digits: 4)) \(unit.symbol)"
                )
                guard let spread = row.spread(place) else { continue }
                let middle = (left + right) / 2
                let (low, high) = (
                    plot.y(max(0, value - spread) / unit.factor), plot.y((value + spread) / unit.factor)
                )
                canvas.line(middle, low, middle, high, as: "whisker")
            }
        }
    }

    private func words(_ unit: AxisUnit) -> String {
        series.map { row in
            let largest = row.values.enumerated().max { ($0.element ?? 0) < ($1.element ?? 0) }
            guard let largest, let value = largest.element, value > 0 else { return "\(row.label): none." }
            return "\(row.label): at most \(significant(value / unit.factor)) \(unit.symbol), at "
                + "\(stretches[largest.offset])."
        }.joined(separator: " ")
    }

    private func pgfplots(_ unit: AxisUnit) -> String {
        let places = stretches.indices.map { "\($0)" }.joined(separator: ",")
        let names = stretches.map { "{\(latex($0))}" }.joined(separator: ",")
        let bar = min(12, 190 / Double(max(1, stretches.count * series.count)))
        var chart = PGFPlots([
            "ybar=0pt", "bar width=\(decimal(bar, places: 1))pt", "height=5.5cm", "ymin=0",
            "enlarge x limits={abs=0.7}", "xtick={\(places)}", "xticklabels={\(names)}",
            "x tick label style={rotate=\(stretches.count > 8 ? 90 : 0), anchor=\(stretches.count > 8 ? "east" : "north")}",
            "xlabel={\(latex(stretch))}", "ylabel={\(latex(quantity)) (\(latex(unit.symbol)))}", "scaled y ticks=false",
            "y tick label style={/pgf/number format/fixed}", "area legend",
            "legend style={draw=none, at={(0.5,1.02)}, anchor=south}", "legend columns=-1",
        ])
        for (index, row) in series.enumerated() {
            let points = row.values.enumerated().map { Point(x: Double($0), y: ($1 ?? 0) / unit.factor) }
            let spreads = row.values.indices.map { row.spread($0).map { $0 / unit.factor } }
            let style = "fill=wattbook\(index % 8), draw=white"
            chart.plot(points, style: style, spreads: spreads, legend: series.count > 1 ? row.label : nil)
        }
        return chart.text
    }
}

extension ColumnChart.Series {
    /// The half-width of the interval of one value.
    func spread(_ place: Int) -> Double? {
        guard uncertainties.indices.contains(place), let spread = uncertainties[place], spread > 0 else { return nil }
        return spread.isFinite ? spread : nil
    }

    /// Where the value and its interval end.
    func end(_ place: Int) -> Double { (values[place] ?? 0) + (spread(place) ?? 0) }
}
