internal import Quantities
private import RealModule

/// Ratios over a size that doubles, with their 95 % intervals and the line through each series; both axes logarithmic.
public struct SizePlot: Sendable, Hashable {
    /// One ratio at one size.
    public struct Entry: Sendable, Hashable {
        public var size: Double
        public var value: Double
        /// The interval; `nil` where the data allow none.
        public var low: Double?
        public var high: Double?

        /// A ratio at a size.
        public init(size: Double, value: Double, low: Double?, high: Double?) {
            self.size = size
            self.value = value
            self.low = low
            self.high = high
        }
    }

    /// Ratios that differ in the size alone.
    public struct Series: Sendable, Hashable {
        public var label: String
        public var entries: [Entry]
        /// The slope in words, as `× 1.10 (1.05 to 1.15)`.
        public var slope: String

        /// A series; the arguments are the properties of the same names.
        public init(label: String, entries: [Entry], slope: String) {
            self.label = label
            self.entries = entries
            self.slope = slope
        }
    }

    public var title: String
    /// What the axes show, as `Speed-up` and `filters`.
    public var quantity: String
    public var size: String
    public var series: [Series]

    /// A chart; the arguments are the properties of the same names.
    public init(title: String, quantity: String, size: String, series: [Series]) {
        self.title = title
        self.quantity = quantity
        self.size = size
        self.series = series
    }

    /// Draws the chart; `nil` where fewer than two sizes have a ratio.
    public func draw(_ width: ChartWidth) -> Chart? {
        let entries = series.flatMap(\.entries).filter { $0.size > 0 && $0.value > 0 && $0.value.isFinite }
        let sizes = Set(entries.map(\.size)).sorted()
        guard let least = sizes.first, let most = sizes.last, least < most else { return nil }
        var canvas = Canvas()
        let labels = series.map { "\($0.label): \($0.slope)" }
        let legend = canvas.legend(labels, left: 0, width: width.rawValue, top: 0) { canvas, index, x, y in
            canvas.mark(index, at: Point(x: x + 6, y: y), size: 8, as: "mark")
        }
        let ends = entries.flatMap { [$0.value, $0.low ?? $0.value, $0.high ?? $0.value] }.filter {
            $0 > 0 && $0.isFinite
        }
        let (low, high) = (min(0.9, (ends.min() ?? 1) / 1.05), max(1.1, (ends.max() ?? 1) * 1.05))
        var plot = Plot(
            left: 40,
            top: legend + 28,
            right: width.rawValue - 16,
            bottom: legend + 28 + (width == .wide ? 250 : 220),
            x: (least / 1.25)...(most * 1.25),
            y: low...high
        )
        (plot.x.logarithmic, plot.y.logarithmic) = (true, true)
        let yTicks = Ticks.ratios(low, high, atMost: 7)
        plot.drawY(yTicks, title: quantity, on: &canvas, titleY: legend + 16)
        canvas.line(plot.left, plot.y(1), plot.right, plot.y(1), as: "reference")
        for (index, series) in series.enumerated() { draw(series, index: index, plot: plot, on: &canvas) }
        let ticks = Ticks(values: sizes, labels: sizes.map(name))
        plot.drawX(ticks, title: "\(size) (each step to the right doubles)", on: &canvas)
        return Chart(
            width: width.rawValue,
            height: plot.bottom + 40,
            title: title,
            description: series.map(words).joined(separator: " "),
            markup: canvas.markup,
            pgfplots: width == .wide
                ? pgfplots(x: plot.x.domain, y: plot.y.domain, xTicks: ticks, yTicks: yTicks) : ""
        )
    }

    private func draw(_ series: Series, index: Int, plot: Plot, on canvas: inout Canvas) {
        // Side by side, so that no interval hides another.
        let shift = (Double(index) - Double(self.series.count - 1) / 2) * 7
        let entries = series.entries.filter { $0.size > 0 && $0.value > 0 && $0.value.isFinite }
            .sorted { $0.size < $1.size }
        let place = { (entry: Entry) in Point(x: plot.x(entry.size) + shift, y: plot.y(entry.value)) }
        canvas.polyline(entries.map(place), as: "line \(Chart.series(index))")
        for entry in entries {
            let centre = place(entry)
            if let low = entry.low, let high = entry.high, low > 0, high.isFinite {
                canvas.line(centre.x, plot.y(low), centre.x, plot.y(high), as: "whisker")
                for end in [low, high] {
                    canvas.line(centre.x - 3, plot.y(end), centre.x + 3, plot.y(end), as: "whisker")
                }
            }
            let figure = "\(series.label), \(size) \(name(entry.size)): \(figure(entry))"
            canvas.mark(index, at: centre, size: 9, as: "bar", tip: figure)
        }
    }

    private func name(_ size: Double) -> String {
        size == size.rounded() ? decimal(size, places: 0) : significant(size)
    }

    private func figure(_ entry: Entry) -> String {
        let two = { (number: Double) in decimal(number, places: 2) }
        guard let low = entry.low, let high = entry.high else { return "\(two(entry.value)), no interval" }
        return "\(two(entry.value)) (\(two(low)) to \(two(high)))"
    }

    private func words(_ series: Series) -> String {
        let points = series.entries.map { "\(figure($0)) at \(size) \(name($0.size))" }.joined(separator: ", ")
        return "\(series.label): \(points); \(series.slope) a doubling."
    }
}
