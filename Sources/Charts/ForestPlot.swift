internal import Quantities

/// Ratios with their 95 % intervals about the line of no difference, on a logarithmic axis.
public struct ForestPlot: Sendable, Hashable {
    /// One ratio.
    public struct Row: Sendable, Hashable {
        public var label: String
        public var value: Double
        /// The interval; `nil` where the data allow none.
        public var low: Double?
        public var high: Double?

        /// A ratio with its interval.
        public init(label: String, value: Double, low: Double?, high: Double?) {
            self.label = label
            self.value = value
            self.low = low
            self.high = high
        }

        /// The figure as text, as `0.61 (0.59 to 0.63)`.
        var caption: String {
            guard let low, let high else { return "\(decimal(value, places: 2)) (no interval)" }
            // Three decimals where two would hide the interval.
            let places = high - low < 0.02 ? 3 : 2
            let words = { (number: Double) in decimal(number, places: places) }
            return "\(words(value)) (\(words(low)) to \(words(high)))"
        }
    }

    public var title: String
    /// What the axis shows, as `Energy, candidate over baseline`.
    public var quantity: String
    /// What a ratio below and above 1 means, as `less energy` and `more energy`.
    public var below: String
    public var above: String
    public var rows: [Row]

    /// A chart; the arguments are the properties of the same names.
    public init(title: String, quantity: String, below: String, above: String, rows: [Row]) {
        self.title = title
        self.quantity = quantity
        self.below = below
        self.above = above
        self.rows = rows
    }

    /// Draws the chart; `nil` where no ratio is a positive number.
    public func draw(_ width: ChartWidth) -> Chart? {
        let rows = rows.filter { $0.value.isFinite && $0.value > 0 }
        guard !rows.isEmpty else { return nil }
        let ends = rows.flatMap { [$0.value, $0.low ?? $0.value, $0.high ?? $0.value] }.filter { $0.isFinite && $0 > 0 }
        // A tenth of room at both ends, and never a picture that makes one per cent look large.
        let low = min(0.9, (ends.min() ?? 1) / 1.1)
        let high = max(1.1, (ends.max() ?? 1) * 1.1)
        var canvas = Canvas()
        let pitch = 44.0
        let top = 22.0
        var plot = Plot(
            left: 14,
            top: top,
            right: width.rawValue - 16,
            bottom: top + Double(rows.count) * pitch,
            x: low...high,
            y: 0...1
        )
        plot.x.logarithmic = true
        let ticks = Ticks.ratios(low, high, atMost: width == .wide ? 10 : 6)
        for value in ticks.values where value != 1 {
            rule(at: plot.x(value), top: top, rows: rows.count, pitch: pitch, as: "grid", on: &canvas)
        }
        let one = plot.x(1)
        rule(at: one, top: top, rows: rows.count, pitch: pitch, as: "reference", on: &canvas)
        let leftRoom = one - plot.left - 8
        let rightRoom = plot.right - one - 8
        if textWidth("← " + below, size: 11) < leftRoom {
            canvas.text("← " + below, x: one - 6, y: 12, anchor: .end, as: "small")
        }
        if textWidth(above + " →", size: 11) < rightRoom {
            canvas.text(above + " →", x: one + 6, y: 12, as: "small")
        }
        for (index, row) in rows.enumerated() {
            draw(row, at: top + Double(index) * pitch, plot: plot, on: &canvas)
        }
        plot.drawX(ticks, title: quantity, on: &canvas)
        return Chart(
            width: width.rawValue,
            height: plot.bottom + 40,
            title: title,
            description: rows.map { "\($0.label): \($0.caption)." }.joined(separator: " "),
            markup: canvas.markup,
            pgfplots: width == .wide ? pgfplots(rows, low: low, high: high) : ""
        )
    }

    /// A vertical rule in the lanes of the marks only, so that no figure is struck through.
    private func rule(at x: Double, top: Double, rows: Int, pitch: Double, as name: String, on canvas: inout Canvas) {
        for row in 0..<rows {
            let lane = top + Double(row) * pitch
            canvas.line(x, lane + 20, x, lane + pitch - 4, as: name)
        }
    }

    private func draw(_ row: Row, at top: Double, plot: Plot, on canvas: inout Canvas) {
        let room = plot.right - plot.left - textWidth(row.caption) - 12
        canvas.text(fitted(row.label, to: max(40, room), size: 13.5), x: plot.left, y: top + 14, as: "strong")
        canvas.text(row.caption, x: plot.right, y: top + 14, anchor: .end)
        let middle = top + 29
        if let low = row.low, let high = row.high, low > 0, high.isFinite {
            canvas.line(plot.x(low), middle, plot.x(high), middle, as: "whisker")
            canvas.line(plot.x(low), middle - 4, plot.x(low), middle + 4, as: "whisker")
            canvas.line(plot.x(high), middle - 4, plot.x(high), middle + 4, as: "whisker")
        }
        canvas.mark(0, at: Point(x: plot.x(row.value), y: middle), size: 9, as: "bar", tip: row.caption)
    }
}
