internal import Quantities

/// Sums of parts, one bar each: the energy of every arm by device.
public struct StackedBars: Sendable, Hashable {
    /// One bar.
    public struct Bar: Sendable, Hashable {
        public var label: String
        /// The figure in words at the end of the bar's caption, as `617 ± 38 J`.
        public var caption: String
        /// One value a part, in the order of ``StackedBars/parts``; 0 where the bar has none.
        public var values: [Double]
        /// Half-width of the sum's 95 % interval, in the same unit.
        public var uncertainty: Double?

        /// A bar; the arguments are the properties of the same names.
        public init(label: String, caption: String, values: [Double], uncertainty: Double? = nil) {
            self.label = label
            self.caption = caption
            self.values = values
            self.uncertainty = uncertainty
        }

        var sum: Double { values.reduce(0, +) }
    }

    public var title: String
    /// What the axis counts, as `Energy of a run`.
    public var quantity: String
    /// The unit's symbol without prefix, as `J`.
    public var unit: String
    /// The names of the parts.
    public var parts: [String]
    public var bars: [Bar]

    /// A chart; the arguments are the properties of the same names.
    public init(title: String, quantity: String, unit: String, parts: [String], bars: [Bar]) {
        self.title = title
        self.quantity = quantity
        self.unit = unit
        self.parts = parts
        self.bars = bars
    }

    /// Draws the chart; `nil` where every value is zero or missing.
    public func draw(_ width: ChartWidth) -> Chart? {
        let largest = bars.map { $0.sum + ($0.uncertainty ?? 0) }.filter(\.isFinite).max() ?? 0
        guard largest > 0 else { return nil }
        let unit = AxisUnit.prefixed(self.unit, for: largest)
        var canvas = Canvas()
        var top = 0.0
        // One part alone is what the axis names.
        if parts.count > 1 {
            top = canvas.legend(parts, left: 0, width: width.rawValue, top: 0) { canvas, series, x, y in
                canvas.rectangle(x: x, y: y - 5, width: 11, height: 11, as: "bar \(Chart.series(series))", radius: 2)
            }
        }
        top += 10
        let pitch = 52.0
        let plot = Plot(
            left: 8,
            top: top,
            right: width.rawValue - 16,
            bottom: top + Double(bars.count) * pitch,
            x: 0...(largest / unit.factor),
            y: 0...1
        )
        let ticks = Ticks.linear(0, largest / unit.factor, about: width == .wide ? 8 : 4)
        for value in ticks.values { canvas.line(plot.x(value), top, plot.x(value), plot.bottom, as: "grid") }
        for (index, bar) in bars.enumerated() {
            draw(bar, at: top + Double(index) * pitch, plot: plot, unit: unit, on: &canvas)
        }
        plot.drawX(ticks, title: "\(quantity) (\(unit.symbol))", on: &canvas)
        return Chart(
            width: width.rawValue,
            height: plot.bottom + 40,
            title: title,
            description: bars.map { "\($0.label): \($0.caption)." }.joined(separator: " "),
            markup: canvas.markup,
            pgfplots: width == .wide ? pgfplots(unit: unit, largest: largest) : ""
        )
    }

    private func draw(_ bar: Bar, at top: Double, plot: Plot, unit: AxisUnit, on canvas: inout Canvas) {
        let room = plot.right - plot.left - textWidth(bar.caption) - 12
        canvas.text(fitted(bar.label, to: max(40, room), size: 13.5), x: plot.left, y: top + 14, as: "strong")
        canvas.text(bar.caption, x: plot.right, y: top + 14, anchor: .end)
        var start = 0.0
        for (index, value) in bar.values.enumerated() where value > 0 {
            let from = plot.x(start / unit.factor)
            let to = plot.x((start + value) / unit.factor)
            let tip = "\(parts[index]): \(significant(value / unit.factor, digits: 4)) \(unit.symbol)"
            let series = "bar \(Chart.series(index))"
            canvas.rectangle(x: from, y: top + 20, width: to - from, height: 16, as: series, tip: tip)
            if parts.count > 1, textWidth(parts[index], size: 11) < to - from - 10 {
                canvas.text(parts[index], x: from + 5, y: top + 32, as: "onbar")
            }
            start += value
        }
        guard let spread = bar.uncertainty, spread > 0, spread.isFinite else { return }
        let low = plot.x(max(0, bar.sum - spread) / unit.factor)
        let high = plot.x((bar.sum + spread) / unit.factor)
        // Below the bar, where it hides neither the parts nor their names.
        canvas.line(low, top + 42, high, top + 42, as: "whisker")
        canvas.line(low, top + 38, low, top + 46, as: "whisker")
        canvas.line(high, top + 38, high, top + 46, as: "whisker")
    }
}
