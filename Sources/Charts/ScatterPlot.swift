internal import Quantities

/// Energy against time: every run as a mark, every arm's mean as a ring with its intervals.
public struct ScatterPlot: Sendable, Hashable {
    /// The runs of one arm.
    public struct Series: Sendable, Hashable {
        public var label: String
        /// Seconds and joules of each run.
        public var points: [Point]
        public var mean: Point?
        /// The 95 % intervals of the mean; `nil` where the data allow none.
        public var time: ClosedRange<Double>?
        public var energy: ClosedRange<Double>?

        /// An arm; the arguments are the properties of the same names.
        public init(
            label: String,
            points: [Point],
            mean: Point?,
            time: ClosedRange<Double>? = nil,
            energy: ClosedRange<Double>? = nil
        ) {
            self.label = label
            self.points = points
            self.mean = mean
            self.time = time
            self.energy = energy
        }
    }

    public var title: String
    /// What stands behind the joules, as `measured`; part of the axis title.
    public var basis: String
    public var series: [Series]
    /// The means that no other beats in time and energy, in seconds and joules from the fastest on; empty where none
    /// is drawn.
    public var front: [Point]

    /// A chart; the arguments are the properties of the same names.
    public init(title: String, basis: String, series: [Series], front: [Point] = []) {
        self.title = title
        self.basis = basis
        self.series = series
        self.front = front
    }

    /// Draws the chart; `nil` where no run has both a time and an energy.
    public func draw(_ width: ChartWidth) -> Chart? {
        let points = series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
        guard !points.isEmpty else { return nil }
        let times = points.map(\.x) + series.flatMap { $0.time.map { [$0.lowerBound, $0.upperBound] } ?? [] }
        let energies = points.map(\.y) + series.flatMap { $0.energy.map { [$0.lowerBound, $0.upperBound] } ?? [] }
        let time = AxisUnit.time(for: times.max() ?? 1)
        let energy = AxisUnit.prefixed("J", for: energies.max() ?? 1)
        var canvas = Canvas()
        let legend = canvas.legend(series.map(\.label), left: 0, width: width.rawValue, top: 0) { canvas, index, x, y in
            canvas.mark(index, at: Point(x: x + 6, y: y), size: 8, as: "mark")
        }
        let plot = Plot(
            left: 50,
            top: legend + 28,
            right: width.rawValue - 16,
            bottom: legend + 28 + (width == .wide ? 260 : 220),
            x: roomy(times.map { $0 / time.factor }),
            y: roomy(energies.map { $0 / energy.factor })
        )
        let yTicks = Ticks.linear(plot.y.domain.lowerBound, plot.y.domain.upperBound, about: 5)
        let yTitle = "Energy of a run (\(energy.symbol), \(basis))"
        plot.drawY(yTicks, title: yTitle, on: &canvas, titleY: legend + 16)
        let count = width == .wide ? 8 : 4
        let xTicks = Ticks.linear(plot.x.domain.lowerBound, plot.x.domain.upperBound, about: count)
        plot.drawX(xTicks, title: "Duration of a run (\(time.symbol))", on: &canvas)
        if front.count > 1 {
            let places = front.map { Point(x: plot.x($0.x / time.factor), y: plot.y($0.y / energy.factor)) }
            canvas.polyline(places, as: "reference")
        }
        for (index, arm) in series.enumerated() {
            draw(arm, index: index, plot: plot, time: time, energy: energy, on: &canvas)
        }
        return Chart(
            width: width.rawValue,
            height: plot.bottom + 40,
            title: title,
            description: words,
            markup: canvas.markup,
            pgfplots: width == .wide
                ? pgfplots(time: time, energy: energy, x: plot.x.domain, y: plot.y.domain) : ""
        )
    }

    private func draw(
        _ arm: Series,
        index: Int,
        plot: Plot,
        time: AxisUnit,
        energy: AxisUnit,
        on canvas: inout Canvas
    ) {
        let place = { (point: Point) in Point(x: plot.x(point.x / time.factor), y: plot.y(point.y / energy.factor)) }
        defer {
            for point in arm.points where point.x.isFinite && point.y.isFinite {
                canvas.mark(index, at: place(point), size: 7, as: "mark", tip: "\(arm.label): \(figures(point))")
            }
        }
        guard let mean = arm.mean, mean.x.isFinite, mean.y.isFinite else { return }
        let centre = place(mean)
        if let range = arm.time {
            let (low, high) = (plot.x(range.lowerBound / time.factor), plot.x(range.upperBound / time.factor))
            canvas.line(low, centre.y, high, centre.y, as: "whisker")
        }
        if let range = arm.energy {
            let (low, high) = (plot.y(range.lowerBound / energy.factor), plot.y(range.upperBound / energy.factor))
            canvas.line(centre.x, low, centre.x, high, as: "whisker")
        }
        canvas.mark(index, at: centre, size: 20, as: "mean", tip: "\(arm.label), mean: \(figures(mean))")
    }

    private func figures(_ point: Point) -> String {
        "\(duration(Seconds(point.x))), \(Joules(point.y).formatted())"
    }

    private var words: String {
        let means = series.compactMap { arm in arm.mean.map { "\(arm.label): \(figures($0)) in the mean." } }
        let line = front.count > 1 ? " A dashed line joins the means that no other beats in time and energy." : ""
        return "Each mark is a run, each ring the mean of an arm. " + means.joined(separator: " ") + line
    }

    /// The range of the values with room around them; never so narrow that noise fills the picture.
    private func roomy(_ values: [Double]) -> ClosedRange<Double> {
        let low = values.min() ?? 0
        let high = values.max() ?? 1
        let middle = (low + high) / 2
        let half = max((high - low) / 2 * 1.15, abs(middle) * 0.05, 1e-9)
        // Close to zero, zero itself belongs into the picture.
        let floor = middle - half < 0.25 * (middle + half) ? 0 : middle - half
        return floor...(middle + half)
    }
}
