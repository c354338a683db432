internal import Quantities

/// Power over time, with the regions of the workload on it.
public struct PowerChart: Sendable, Hashable {
    /// The power of one channel or device.
    public struct Line: Sendable, Hashable {
        public var label: String
        /// Seconds since the start and watts, ascending in time; a power that is not a number is a gap.
        public var points: [Point]

        /// A line with its label.
        public init(label: String, points: [Point]) {
            self.label = label
            self.points = points
        }
    }

    /// One visit of a region.
    public struct Band: Sendable, Hashable {
        public var path: String
        /// Seconds since the start.
        public var from: Double
        public var to: Double
        /// How many regions it lies within.
        public var depth: Int

        /// A visit from one instant to another, in seconds since the start.
        public init(path: String, from: Double, to: Double, depth: Int) {
            self.path = path
            self.from = from
            self.to = to
            self.depth = depth
        }
    }

    public var title: String
    public var lines: [Line]
    public var bands: [Band]
    /// The ends of the axes, so that the pictures of several arms can be laid side by side; seconds and watts.
    public var longest: Double
    public var largest: Double

    /// A chart; the ends of the axes follow from the data where they are left out.
    public init(title: String, lines: [Line], bands: [Band], longest: Double? = nil, largest: Double? = nil) {
        self.title = title
        self.lines = lines
        self.bands = bands
        let points = lines.lazy.flatMap(\.points).filter { $0.y.isFinite }
        self.longest = longest ?? max(points.map(\.x).max() ?? 0, bands.map(\.to).max() ?? 0)
        self.largest = largest ?? points.map(\.y).max() ?? 0
    }

    /// Most points that a line is drawn with.
    public static let pointLimit = 800

    /// Draws the chart; `nil` where there is no power to show.
    public func draw(_ width: ChartWidth) -> Chart? {
        guard longest > 0, lines.contains(where: { $0.points.contains { $0.y.isFinite } }) else { return nil }
        var canvas = Canvas()
        var top = 0.0
        if lines.count > 1 {
            top += canvas.legend(lines.map(\.label), left: 0, width: width.rawValue, top: 0) { canvas, series, x, y in
                canvas.line(x - 2, y, x + 15, y, as: "line \(Chart.series(series))")
            }
            top += 6
        }
        let titleY = top + 11
        top += 20
        let depths = min(3, (bands.map(\.depth).max() ?? -1) + 1)
        let strip = Double(depths) * 17
        let height: Double = width == .wide ? 200 : 170
        let watts = AxisUnit.prefixed("W", for: largest)
        let time = AxisUnit.time(for: longest)
        let ceiling = max(largest / watts.factor, 1e-9) * 1.05
        let plot = Plot(
            left: 46,
            top: top + strip + (depths > 0 ? 5 : 0),
            right: width.rawValue - 12,
            bottom: top + strip + height,
            x: 0...(longest / time.factor),
            y: 0...ceiling
        )
        drawBands(depths: depths, top: top, plot: plot, unit: time, on: &canvas)
        plot.drawY(.linear(0, ceiling, about: 4), title: "Power (\(watts.symbol))", on: &canvas, titleY: titleY)
        let count = width == .wide ? 8 : 5
        let ticks = Ticks.linear(0, longest / time.factor, about: count)
        plot.drawX(ticks, title: "Time since the start (\(time.symbol))", on: &canvas)
        for (index, line) in lines.enumerated() {
            let points = thinned(line.points, limit: Self.pointLimit).map {
                Point(x: plot.x($0.x / time.factor), y: plot.y($0.y / watts.factor))
            }
            canvas.polyline(points, as: "line \(Chart.series(index))")
        }
        return Chart(
            width: width.rawValue,
            height: plot.bottom + 40,
            title: title,
            description: words,
            markup: canvas.markup,
            pgfplots: width == .wide ? pgfplots : ""
        )
    }

    private var words: String {
        let names = Set(bands.map(\.path)).sorted().prefix(12).joined(separator: ", ")
        let what = lines.map(\.label).joined(separator: ", ")
        let regions = names.isEmpty ? "No regions were marked." : "Regions: \(names)."
        return "Power over \(duration(Seconds(longest))), up to \(Watts(largest).formatted()): \(what). \(regions)"
    }
}

extension PowerChart {
    /// Draws the visits as a strip of blocks above the plot, a row a depth, the outermost also as a shade below.
    private func drawBands(depths: Int, top: Double, plot: Plot, unit: AxisUnit, on canvas: inout Canvas) {
        var colours: [String: Int] = [:]
        for depth in 0..<max(0, depths) {
            let row = top + Double(depth) * 17
            let visible = blocks(depth: depth, plot: plot, unit: unit)
            let crowded = Set(visible.filter { !fits($0) }.map(\.path))
            for (index, block) in visible.enumerated() {
                let colour = colours[block.path] ?? (colours.count + 2)
                colours[block.path] = colour
                let series = Chart.series(colour)
                let width = max(0.7, block.to - block.from)
                let times = block.visits == 1 ? "" : ", \(block.visits) visits"
                let tip = block.path + times
                canvas.rectangle(
                    x: block.from,
                    y: row,
                    width: width,
                    height: 15,
                    as: "band \(series)",
                    radius: width > 6 ? 2 : 0,
                    tip: tip
                )
                if depth == 0 {
                    let height = plot.bottom - plot.top
                    canvas.rectangle(x: block.from, y: plot.top, width: width, height: height, as: "shade \(series)")
                }
                if !crowded.contains(block.path) {
                    canvas.text(label(block.path, visits: block.visits), x: block.from + 4, y: row + 11.5, as: "inside")
                } else if index == 0 || visible[index - 1].path != block.path {
                    // Neighbours of one region, of which some are too narrow for the name, share one.
                    let visits = visible[index...].prefix { $0.path == block.path }
                    var whole = block
                    whole.to = visits.last?.to ?? block.to
                    whole.visits = visits.map(\.visits).reduce(0, +)
                    guard fits(whole) else { continue }
                    let words = label(block.path, visits: whole.visits)
                    canvas.text(words, x: block.from + 4, y: row + 11.5, as: "inside")
                }
            }
        }
    }

    private func label(_ path: String, visits: Int) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return visits > 1 ? "\(name) ×\(visits)" : name
    }

    private func fits(_ block: Block) -> Bool {
        textWidth(label(block.path, visits: block.visits), size: 11) < block.to - block.from - 6
    }

    private struct Block {
        var path: String
        var from: Double
        var to: Double
        var visits: Int
    }

    /// The visits of one depth in pixels; those too narrow to be told apart are drawn as one block.
    private func blocks(depth: Int, plot: Plot, unit: AxisUnit) -> [Block] {
        var result: [Block] = []
        let visits = bands.filter { $0.depth == depth }.sorted { ($0.from, $0.to, $0.path) < ($1.from, $1.to, $1.path) }
        for visit in visits {
            let from = plot.x(min(visit.from, longest) / unit.factor)
            let to = plot.x(min(visit.to, longest) / unit.factor)
            if let last = result.last {
                let narrow = min(to - from, (last.to - last.from) / Double(last.visits)) < 8
                if last.path == visit.path, narrow, from - last.to < 1.5 {
                    result[result.count - 1].to = max(last.to, to)
                    result[result.count - 1].visits += 1
                    continue
                }
                // Of two different regions within half a pixel only the first can be seen.
                if to < last.to + 0.5, to - from < 0.5 { continue }
            }
            let gap = to - from > 3 ? 0.5 : 0
            result.append(Block(path: visit.path, from: from + gap, to: to - gap, visits: 1))
        }
        return result
    }
}
