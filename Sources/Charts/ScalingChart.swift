internal import Quantities
private import RealModule

/// A figure against the number of threads, ranks or nodes.
///
/// It shows the runs' means with their intervals, what would be ideal, and the law that the means follow. Equal ratios
/// of units take equal room.
public struct ScalingChart: Sendable, Hashable {
    /// A mean.
    public struct Mark: Sendable, Hashable {
        public var units: Double
        public var value: Double
        /// Its 95 % interval; `nil` where the data allow none.
        public var range: ClosedRange<Double>?

        /// A mean; the arguments are the properties of the same names.
        public init(units: Double, value: Double, range: ClosedRange<Double>? = nil) {
            self.units = units
            self.value = value
            self.range = range
        }
    }

    /// A line with its name in the legend.
    public struct Line: Sendable, Hashable {
        public var label: String
        /// Units and values.
        public var points: [Point]

        /// A line; the arguments are the properties of the same names.
        public init(label: String, points: [Point]) {
            self.label = label
            self.points = points
        }
    }

    public var title: String
    /// Below the picture, as `Nodes`.
    public var unitTitle: String
    /// Above it, as `Speed-up`.
    public var valueTitle: String
    public var marks: [Mark]
    public var ideal: Line?
    public var law: Line?
    /// A mark that is ringed, with the word beside it.
    public var ringed: (index: Int, label: String)?
    /// Whether equal ratios of values take equal room; else the axis begins at 0.
    public var isLogarithmic: Bool
    /// How a value is said to people.
    public var words: @Sendable (Double) -> String

    /// A chart; the arguments are the properties of the same names.
    public init(
        title: String,
        unitTitle: String,
        valueTitle: String,
        marks: [Mark],
        ideal: Line? = nil,
        law: Line? = nil,
        ringed: (index: Int, label: String)? = nil,
        isLogarithmic: Bool = false,
        words: @escaping @Sendable (Double) -> String
    ) {
        self.title = title
        self.unitTitle = unitTitle
        self.valueTitle = valueTitle
        self.marks = marks
        self.ideal = ideal
        self.law = law
        self.ringed = ringed
        self.isLogarithmic = isLogarithmic
        self.words = words
    }

    /// Draws the chart; `nil` of fewer than two numbers of units.
    public func draw(_ width: ChartWidth) -> Chart? {
        let shown = marks.filter { $0.units > 0 && $0.value.isFinite }
        guard shown.count > 1, let first = shown.map(\.units).min(), let last = shown.map(\.units).max(), first < last
        else { return nil }
        var canvas = Canvas()
        let legend = drawLegend(width, on: &canvas)
        // A little room beside the outermost marks, in parts of their ratio.
        let margin = Double.pow(last / first, 0.04)
        var plot = Plot(
            left: 50,
            top: legend + 28,
            right: width.rawValue - 16,
            bottom: legend + 28 + (width == .wide ? 260 : 200),
            x: (first / margin)...(last * margin),
            y: domain(shown)
        )
        (plot.x.logarithmic, plot.y.logarithmic) = (true, isLogarithmic)
        let (low, high) = (plot.y.domain.lowerBound, plot.y.domain.upperBound)
        let yTicks = isLogarithmic ? Ticks.doublings(low, high, atMost: 7) : Ticks.linear(low, high, about: 6)
        plot.drawY(yTicks, title: valueTitle, on: &canvas, titleY: legend + 16)
        let units = Set(shown.map(\.units)).sorted()
        plot.drawX(
            Ticks(values: units, labels: units.map { decimal($0, places: 0) }),
            title: unitTitle,
            on: &canvas
        )
        if let ideal { canvas.polyline(placed(ideal.points, plot), as: "reference") }
        if let law { canvas.polyline(placed(law.points, plot), as: "line \(Chart.series(1))") }
        for mark in shown { draw(mark, plot, on: &canvas) }
        drawRing(plot, on: &canvas)
        return Chart(
            width: width.rawValue,
            height: plot.bottom + 40,
            title: title,
            description: description(shown),
            markup: canvas.markup,
            pgfplots: width == .wide ? pgfplots(x: plot.x.domain, y: plot.y.domain, yTicks: yTicks) : ""
        )
    }

    private func drawLegend(_ width: ChartWidth, on canvas: inout Canvas) -> Double {
        let lines: [(name: String, kind: String?)] =
            [("measured", nil)]
            + [ideal.map { ($0.label, "reference") }, law.map { ($0.label, "line \(Chart.series(1))") }].compactMap(
                \.self
            )
        guard lines.count > 1 else { return 0 }
        return canvas.legend(lines.map(\.name), left: 0, width: width.rawValue, top: 0) { canvas, index, x, y in
            if let kind = lines[index].kind {
                canvas.line(x, y, x + 14, y, as: kind)
            } else {
                canvas.mark(0, at: Point(x: x + 6, y: y), size: 8, as: "mark")
            }
        }
    }

    private func domain(_ shown: [Mark]) -> ClosedRange<Double> {
        let bounds = shown.flatMap { [$0.value] + ($0.range.map { [$0.lowerBound, $0.upperBound] } ?? []) }
        let lines = ((ideal?.points ?? []) + (law?.points ?? [])).map(\.y)
        let values = (bounds + lines).filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
        let (low, high) = (values.min() ?? 0, values.max() ?? 1)
        guard isLogarithmic else { return 0...max(high * 1.08, 1e-12) }
        let margin = max(1.05, Double.pow(high / low, 0.04))
        return (low / margin)...(high * margin)
    }

    private func placed(_ points: [Point], _ plot: Plot) -> [Point] {
        points.map { Point(x: plot.x($0.x), y: plot.y($0.y)) }
    }

    private func draw(_ mark: Mark, _ plot: Plot, on canvas: inout Canvas) {
        let x = plot.x(mark.units)
        if let range = mark.range {
            canvas.line(x, plot.y(range.lowerBound), x, plot.y(range.upperBound), as: "whisker")
        }
        let tip = "\(decimal(mark.units, places: 0)): \(words(mark.value))"
        canvas.mark(0, at: Point(x: x, y: plot.y(mark.value)), size: 8, as: "mark", tip: tip)
    }

    private func drawRing(_ plot: Plot, on canvas: inout Canvas) {
        guard let ringed, marks.indices.contains(ringed.index) else { return }
        let place = Point(x: plot.x(marks[ringed.index].units), y: plot.y(marks[ringed.index].value))
        canvas.mark(0, at: place, size: 20, as: "mean")
        let isRight = place.x > (plot.left + plot.right) / 2
        // Below, where the curve through a least point is not.
        let y = min(plot.bottom - 6, place.y + 26)
        canvas.text(
            ringed.label,
            x: place.x + (isRight ? 10 : -10),
            y: y,
            anchor: isRight ? .end : .start,
            as: "strong"
        )
    }

    private func description(_ shown: [Mark]) -> String {
        let values = shown.map { "\(decimal($0.units, places: 0)): \(words($0.value))" }.joined(separator: ", ")
        return "\(valueTitle) by \(unitTitle.lowercased()): \(values)."
            + (law.map { " A line shows \($0.label)." } ?? "") + (ringed.map { " Ringed: \($0.label)." } ?? "")
    }

    /// Whether all but the wording are equal.
    public static func == (a: ScalingChart, b: ScalingChart) -> Bool {
        a.title == b.title && a.unitTitle == b.unitTitle && a.valueTitle == b.valueTitle && a.marks == b.marks
            && a.ideal == b.ideal && a.law == b.law && a.ringed?.index == b.ringed?.index
            && a.isLogarithmic == b.isLogarithmic
    }

    /// Feeds the marks.
    public func hash(into hasher: inout Hasher) { hasher.combine(marks) }
}

extension Ticks {
    /// Powers of two within `low ... high`, thinned evenly; for a logarithmic axis.
    static func doublings(_ low: Double, _ high: Double, atMost count: Int) -> Ticks {
        let first = Int(Double.log2(low).rounded(.up))
        let last = Int(Double.log2(high).rounded(.down))
        guard first <= last else { return Ticks.linear(low, high, about: count) }
        let step = max(1, (last - first + count) / count)
        // From 1 on, so that it is among them.
        let exponents = (first...last).filter { $0 % step == 0 }
        guard exponents.count > 1 else { return Ticks.linear(low, high, about: count) }
        let values = exponents.map { Double.exp2(Double($0)) }
        return Ticks(values: values, labels: values.map { $0 < 1 ? significant($0) : decimal($0, places: 0) })
    }
}
