internal import Quantities

/// Quantities side by side in groups, one bar each with its name and figure beside it.
public struct GroupedBars: Sendable, Hashable {
    /// One bar; its series decides on the colour.
    public struct Bar: Sendable, Hashable {
        public var label: String
        public var series: Int
        public var value: Double
        /// The interval; `nil` where the data allow none.
        public var low: Double?
        public var high: Double?

        /// A bar; the arguments are the properties of the same names.
        public init(label: String, series: Int, value: Double, low: Double?, high: Double?) {
            self.label = label
            self.series = series
            self.value = value
            self.low = low
            self.high = high
        }
    }

    /// Bars that belong together.
    public struct Group: Sendable, Hashable {
        public var label: String
        public var bars: [Bar]

        /// A group with its bars.
        public init(label: String, bars: [Bar]) {
            self.label = label
            self.bars = bars
        }
    }

    public var title: String
    /// What the axis counts, as `Energy, modelled`.
    public var quantity: String
    /// The unit's symbol without prefix, as `J`.
    public var unit: String
    public var groups: [Group]

    /// A chart; the arguments are the properties of the same names.
    public init(title: String, quantity: String, unit: String, groups: [Group]) {
        self.title = title
        self.quantity = quantity
        self.unit = unit
        self.groups = groups
    }

    /// Draws the chart; `nil` where no bar has a length.
    public func draw(_ width: ChartWidth) -> Chart? {
        let bars = groups.flatMap(\.bars)
        let largest = bars.map { max($0.value, $0.high ?? 0) }.filter(\.isFinite).max() ?? 0
        guard largest > 0 else { return nil }
        let unit = AxisUnit.prefixed(self.unit, for: largest)
        let names = min((bars.map { textWidth($0.label) }.max() ?? 0) + 10, width.rawValue / 3)
        let figures = bars.map { textWidth(figure($0, unit)) }.max() ?? 0
        let height = groups.reduce(0) { $0 + 24 + Double($1.bars.count) * 20 }
        var canvas = Canvas()
        let plot = Plot(
            left: names,
            top: 4,
            right: width.rawValue - figures - 12,
            bottom: 4 + height,
            x: 0...(largest / unit.factor),
            y: 0...1
        )
        let ticks = Ticks.linear(0, largest / unit.factor, about: width == .wide ? 6 : 3)
        for value in ticks.values { canvas.line(plot.x(value), plot.top, plot.x(value), plot.bottom, as: "grid") }
        var top = plot.top
        for group in groups {
            canvas.text(fitted(group.label, to: width.rawValue - 8, size: 13.5), x: 0, y: top + 16, as: "strong")
            top += 24
            for bar in group.bars {
                draw(bar, at: top, plot: plot, unit: unit, names: names, right: width.rawValue - 4, on: &canvas)
                top += 20
            }
        }
        plot.drawX(ticks, title: "\(quantity) (\(unit.symbol))", on: &canvas)
        let words = groups.flatMap { group in
            group.bars.map { "\(group.label), \($0.label): \(figure($0, unit)) \(unit.symbol)." }
        }
        return Chart(
            width: width.rawValue,
            height: plot.bottom + 40,
            title: title,
            description: words.joined(separator: " "),
            markup: canvas.markup,
            pgfplots: width == .wide ? pgfplots(unit: unit, largest: largest) { figure($0, unit) } : ""
        )
    }

    private func draw(
        _ bar: Bar,
        at top: Double,
        plot: Plot,
        unit: AxisUnit,
        names: Double,
        right: Double,
        on canvas: inout Canvas
    ) {
        guard bar.value.isFinite, bar.value >= 0 else { return }
        canvas.text(fitted(bar.label, to: names - 8), x: names - 6, y: top + 13, anchor: .end)
        let end = plot.x(bar.value / unit.factor)
        let tip = "\(bar.label): \(figure(bar, unit)) \(unit.symbol)"
        canvas.rectangle(
            x: plot.left,
            y: top + 2,
            width: end - plot.left,
            height: 14,
            as: "bar \(Chart.series(bar.series))",
            tip: tip
        )
        if let low = bar.low, let high = bar.high {
            let (from, to) = (plot.x(max(0, low) / unit.factor), plot.x(high / unit.factor))
            canvas.line(from, top + 9, to, top + 9, as: "whisker")
            for place in [from, to] { canvas.line(place, top + 6, place, top + 12, as: "whisker") }
        }
        canvas.text(figure(bar, unit), x: right, y: top + 13, anchor: .end)
    }

    private func figure(_ bar: Bar, _ unit: AxisUnit) -> String {
        guard let low = bar.low, let high = bar.high else { return significant(bar.value / unit.factor) }
        return decimal(
            bar.value / unit.factor,
            places: min(2, supportedPlaces(uncertainty: (high - low) / unit.factor / 2))
        )
    }
}
