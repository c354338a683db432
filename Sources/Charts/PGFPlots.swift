internal import Quantities

/// Writes a chart's data as a `tikzpicture` with one `axis` of PGFPlots, to be set in the fonts of a paper.
///
/// Colours are those of ``Chart/styleSheet`` on paper; the macros `wattbook0` to `wattbook7` name them, so that an
/// author changes all charts in one place. Texts are escaped with ``latex(_:)``.
struct PGFPlots {
    /// What is asked of the axis, as `xlabel={Time (s)}`.
    var options: [String]
    private var body: [String] = []

    /// Most points that a line is drawn with: TeX is slow, and a column of a paper is narrow.
    static let pointLimit = 300

    /// An axis as wide as the text.
    init(_ options: [String]) {
        self.options = ["width=\\linewidth", "font=\\footnotesize"] + options
    }

    mutating func add(_ line: String) { body.append(line) }

    /// A row of coordinates in the style; a point that is not finite breaks the line.
    ///
    /// - Parameter spreads: half-widths of the intervals of y, drawn where there are any.
    mutating func plot(_ points: [Point], style: String, spreads: [Double?] = [], legend: String? = nil) {
        guard points.contains(where: { $0.x.isFinite && $0.y.isFinite }) else { return }
        let hidden = legend == nil ? ", forget plot" : ""
        let hasSpreads = spreads.contains { $0 != nil }
        let bars = hasSpreads ? ", error bars/.cd, y dir=both, y explicit, error bar style={wattbookink}" : ""
        let pairs = points.enumerated().map { index, point in
            coordinates(point) + (hasSpreads ? " +- (0,\(significant(spreads[index] ?? 0, digits: 4)))" : "")
        }
        add("\\addplot[\(style)\(hidden)\(bars)] coordinates {\(pairs.joined(separator: " "))};")
        if let legend { add("\\addlegendentry{\(latex(legend))}") }
    }

    /// A line from one point to another in the axis' own units.
    mutating func segment(from: Point, to: Point, style: String = "wattbookink, line width=.6pt") {
        add("\\draw[\(style)] \(place(from)) -- \(place(to));")
    }

    mutating func node(_ words: String, at point: Point, style: String) {
        add("\\node[\(style)] at \(place(point)) {\(latex(words))};")
    }

    var text: String {
        (["\\begin{tikzpicture}", "\\begin{axis}[\(options.joined(separator: ", "))]"] + body
            + ["\\end{axis}", "\\end{tikzpicture}"]).joined(separator: "\n")
    }

    /// The colour of the series with this number, with dashes that tell lines apart without it.
    static func line(_ series: Int) -> String {
        let dashes = ["solid", "densely dashed", "densely dotted", "dashdotted", "dashed", "loosely dashed"]
        return "wattbook\(series % 8), \(dashes[series % dashes.count]), line width=.7pt"
    }

    /// Where there is no difference, or what would be ideal.
    static let reference = "wattbooksoft, densely dashed, line width=.6pt"

    /// The mark of the series with this number.
    static func mark(_ series: Int) -> String { "only marks, wattbook\(series % 8), \(shape(series))" }

    /// The shape of that mark.
    static func shape(_ series: Int) -> String {
        let marks = ["*", "square*", "triangle*", "diamond*"]
        return "mark=\(marks[series % marks.count]), mark size=1.6pt"
    }

    /// The ends of both axes.
    static func bounds(x: ClosedRange<Double>, y: ClosedRange<Double>) -> [String] {
        zip(["xmin", "xmax", "ymin", "ymax"], [x.lowerBound, x.upperBound, y.lowerBound, y.upperBound])
            .map { "\($0)=\(significant($1, digits: 6))" }
    }

    /// Labelled positions and no others on an axis, `x` or `y`.
    static func ticks(_ axis: String, _ ticks: Ticks) -> [String] {
        [
            "\(axis)tick={\(ticks.values.map { significant($0, digits: 6) }.joined(separator: ","))}",
            "\(axis)ticklabels={\(ticks.labels.joined(separator: ","))}", "minor \(axis) tick style={draw=none}",
        ]
    }

    /// An axis of names from the top down, for bars that lie.
    ///
    /// - Parameters:
    ///   - strong: rows whose names are headings of those below.
    ///   - pitch: the room of a row in centimetres, less where a page could not hold all.
    static func names(_ labels: [String], strong: Set<Int> = [], pitch: Double = 0.75) -> [String] {
        // Names of 12 px are set in 8 pt.
        let shown = labels.map { fitted($0, to: 170) }
        let widest = (shown.map { textWidth($0) }.max() ?? 0) * 0.7
        let names = shown.enumerated().map { row, label in
            let words = latex(label)
            return strong.contains(row) ? "{\\textbf{\(words)}}" : "{\(words)}"
        }
        return [
            "ytick={\(labels.indices.map { "\($0)" }.joined(separator: ","))}",
            "yticklabels={\(names.joined(separator: ","))}",
            "y dir=reverse", "ymin=-0.7", "ymax=\(significant(Double(labels.count) - 0.3, digits: 4))",
            "height=\(significant(min(21, 2.6 + pitch * Double(labels.count)), digits: 3))cm",
            // The axis keeps 45 pt for what stands beside it; longer names take their room from its width.
            "width=\\linewidth-\(decimal(max(0, widest - 30), places: 0))pt",
        ]
    }

    private func coordinates(_ point: Point) -> String {
        guard point.x.isFinite, point.y.isFinite else { return "(nan,nan)" }
        return "(\(significant(point.x, digits: 6)),\(significant(point.y, digits: 6)))"
    }

    private func place(_ point: Point) -> String {
        "(axis cs:\(significant(point.x, digits: 6)),\(significant(point.y, digits: 6)))"
    }
}
