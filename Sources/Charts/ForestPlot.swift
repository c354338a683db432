internal import Quantities

/// Ratios with their 95 % intervals about the line of no difference on a logarithmic axis, or differences on a linear
/// one.
public struct ForestPlot: Sendable, Hashable {
    /// One ratio.
    public struct Row: Sendable, Hashable {
        public var label: String
        public var value: Double
        /// The interval; `nil` where the data allow none.
        public var low: Double?
        public var high: Double?
        /// Whether others published it, who gave no interval: a hollow mark.
        public var isPublished: Bool

        /// A ratio with its interval.
        public init(label: String, value: Double, low: Double?, high: Double?, isPublished: Bool = false) {
            self.label = label
            self.value = value
            self.low = low
            self.high = high
            self.isPublished = isPublished
        }

        /// The figure as text, as `0.61 (0.59 to 0.63)`.
        func caption(on axis: Axis) -> String {
            let half = ((high ?? value) - (low ?? value)) / 2
            // Three decimals of a ratio where two would hide the interval.
            let places =
                axis == .ratio
                ? (low != nil && half < 0.01 ? 3 : 2)
                // A difference without an interval is told in two digits of its own.
                : max(2, supportedPlaces(uncertainty: low != nil && half > 0 ? half : abs(value)))
            let words = { (number: Double) in decimal(number, places: places) }
            if isPublished { return "\(words(value)) (published)" }
            guard let low, let high else { return "\(words(value)) (no interval)" }
            return "\(words(value)) (\(words(low)) to \(words(high)))"
        }
    }

    /// What the rows hold.
    public enum Axis: Sendable, Hashable {
        /// Positive numbers about 1.
        case ratio
        /// Numbers about 0; the margin is drawn as a line of its own.
        case difference(margin: Double?)
    }

    public var title: String
    /// What the axis shows, as `Energy, candidate over baseline`.
    public var quantity: String
    /// What a ratio below and above 1 means, as `less energy` and `more energy`.
    public var below: String
    public var above: String
    public var axis: Axis
    public var rows: [Row]

    /// A chart; the arguments are the properties of the same names.
    public init(
        title: String,
        quantity: String,
        below: String,
        above: String,
        axis: Axis = .ratio,
        rows: [Row]
    ) {
        self.title = title
        self.quantity = quantity
        self.below = below
        self.above = above
        self.axis = axis
        self.rows = rows
    }

    /// Draws the chart; `nil` where no row holds a number, of ratios a positive one.
    public func draw(_ width: ChartWidth) -> Chart? {
        let rows = rows.filter { $0.value.isFinite && (axis != .ratio || $0.value > 0) }
        guard !rows.isEmpty else { return nil }
        var canvas = Canvas()
        let pitch = 44.0
        let top = 22.0
        var plot = Plot(
            left: 14,
            top: top,
            right: width.rawValue - 16,
            bottom: top + Double(rows.count) * pitch,
            x: domain(rows),
            y: 0...1
        )
        plot.x.logarithmic = axis == .ratio
        let (low, high) = (plot.x.domain.lowerBound, plot.x.domain.upperBound)
        let count = width == .wide ? 10 : 6
        let ticks = axis == .ratio ? Ticks.ratios(low, high, atMost: count) : Ticks.linear(low, high, about: count / 2)
        let none = axis == .ratio ? 1.0 : 0
        for value in ticks.values where value != none {
            rule(at: plot.x(value), top: top, rows: rows.count, pitch: pitch, as: "grid", on: &canvas)
        }
        let one = plot.x(none)
        rule(at: one, top: top, rows: rows.count, pitch: pitch, as: "reference", on: &canvas)
        if case .difference(let margin?) = axis {
            rule(at: plot.x(margin), top: top, rows: rows.count, pitch: pitch, as: "line s1", on: &canvas)
            let side: Canvas.Anchor = plot.x(margin) < (plot.left + plot.right) / 2 ? .start : .end
            canvas.text("margin \(margin)", x: plot.x(margin), y: 12, anchor: side, as: "small")
        }
        let leftRoom = one - plot.left - 8
        let rightRoom = plot.right - one - 8
        if axis == .ratio, textWidth("← " + below, size: 11) < leftRoom {
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
            description: rows.map { "\($0.label): \($0.caption(on: axis))." }.joined(separator: " "),
            markup: canvas.markup,
            pgfplots: width == .wide ? pgfplots(rows, low: low, high: high) : ""
        )
    }

    /// The ends of the axis: a tenth of room, and never a picture that makes one per cent look large.
    private func domain(_ rows: [Row]) -> ClosedRange<Double> {
        let ends = rows.flatMap { [$0.value, $0.low ?? $0.value, $0.high ?? $0.value] }.filter(\.isFinite)
        guard case .difference(let margin) = axis else {
            let ends = ends.filter { $0 > 0 }
            return min(0.9, (ends.min() ?? 1) / 1.1)...max(1.1, (ends.max() ?? 1) * 1.1)
        }
        let all = ends + [0, margin ?? 0]
        let (low, high) = (all.min() ?? 0, all.max() ?? 0)
        let room = max((high - low) * 0.1, 1e-6)
        return (low - room)...(high + room)
    }

    /// A vertical rule in the lanes of the marks only, so that no figure is struck through.
    private func rule(at x: Double, top: Double, rows: Int, pitch: Double, as name: String, on canvas: inout Canvas) {
        for row in 0..<rows {
            let lane = top + Double(row) * pitch
            canvas.line(x, lane + 20, x, lane + pitch - 4, as: name)
        }
    }

    private func draw(_ row: Row, at top: Double, plot: Plot, on canvas: inout Canvas) {
        let caption = row.caption(on: axis)
        let room = plot.right - plot.left - textWidth(caption) - 12
        canvas.text(fitted(row.label, to: max(40, room), size: 13.5), x: plot.left, y: top + 14, as: "strong")
        canvas.text(caption, x: plot.right, y: top + 14, anchor: .end)
        let middle = top + 29
        if let low = row.low, let high = row.high, axis != .ratio || low > 0, high.isFinite {
            canvas.line(plot.x(low), middle, plot.x(high), middle, as: "whisker")
            canvas.line(plot.x(low), middle - 4, plot.x(low), middle + 4, as: "whisker")
            canvas.line(plot.x(high), middle - 4, plot.x(high), middle + 4, as: "whisker")
        }
        let place = Point(x: plot.x(row.value), y: middle)
        if row.isPublished {
            canvas.mark(3, at: place, size: 9, as: "mean", tip: caption)
        } else {
            canvas.mark(0, at: place, size: 9, as: "bar", tip: caption)
        }
    }
}
