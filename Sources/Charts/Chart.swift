private import Quantities

/// The room that a chart is drawn for; each has text of a readable size at its own width.
public enum ChartWidth: Double, Sendable, Hashable, CaseIterable {
    /// A page on a screen or on paper.
    case wide = 760
    /// A telephone held upright, or half a page.
    case narrow = 350
}

/// A picture as SVG, with the words that a reader needs who cannot see it.
///
/// Colours are custom properties, so that one picture serves light, dark and paper; see ``styleSheet``.
public struct Chart: Sendable, Hashable {
    /// Size of the view box, in CSS pixels.
    public var width: Double
    public var height: Double
    /// What is shown, in a few words.
    public var title: String
    /// What a reader would see in it, in a sentence or two.
    public var description: String
    /// The drawing, as SVG elements.
    var markup: String
    /// The same data as a picture of PGFPlots; empty of narrow charts.
    package var pgfplots = ""

    /// Writes the chart as one SVG element.
    ///
    /// - Parameters:
    ///   - id: unique in the page; names the title and the description for assistive programs.
    ///   - standalone: whether the style sheet goes along, for a file of its own.
    public func svg(id: String, standalone: Bool = false) -> String {
        svg(id: id, space: standalone, style: standalone ? Chart.styleSheet : nil)
    }

    /// Writes the chart for a program that sets paper and knows neither custom properties nor the page's style sheet.
    package func paperSVG(id: String) -> String { svg(id: id, space: true, style: Paper.styleSheet) }

    private func svg(id: String, space isStandalone: Bool, style sheet: String?) -> String {
        let id = escaped(id)
        let space = isStandalone ? " xmlns=\"http://www.w3.org/2000/svg\"" : ""
        let style = sheet.map { "<style>\($0)</style>" } ?? ""
        return """
            <svg\(space) class="chart" role="img" aria-labelledby="\(id)-title \(id)-desc" \
            viewBox="0 0 \(coordinate(width)) \(coordinate(height))">
            <title id="\(id)-title">\(escaped(title))</title>
            <desc id="\(id)-desc">\(escaped(description))</desc>
            \(style)\(markup)</svg>
            """
    }
}

extension Chart {
    /// The colours and strokes of all charts.
    ///
    /// The series colours differ in lightness as well as in hue, so that they stay apart for colour-blind readers
    /// and in grey print; marks differ in shape too, lines in their dashes, and parts of a bar carry their names.
    public static let styleSheet = """
        .chart{--s0:#0b62a8;--s1:#c4500c;--s2:#0a8466;--s3:#8b4a9c;--s4:#8a5f00;--s5:#2a7cae;--s6:#7d5a3a;--s7:#6b7280;\
        --ink:#1c2330;--soft:#5a6474;--rule:#e3e6eb;--paper:#fff;\
        display:block;width:100%;height:auto;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
        .chart text{fill:var(--soft);font-size:12px;paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
        .chart .inside{stroke:none;font-size:11px}
        .chart .onbar{fill:var(--paper);stroke:none;font-size:11px}
        .chart .strong{fill:var(--ink);font-weight:600}
        .chart .small{font-size:11px}
        .chart .grid{stroke:var(--rule);stroke-width:1;fill:none}
        .chart .axis{stroke:var(--soft);stroke-width:1;fill:none}
        .chart .reference{stroke:var(--soft);stroke-width:1;stroke-dasharray:4 3;fill:none}
        .chart .whisker{stroke:var(--ink);stroke-width:1.5;fill:none}
        .chart .line{stroke:currentColor;stroke-width:1.5;fill:none;stroke-linejoin:round}
        .chart .line.s1{stroke-dasharray:7 3}.chart .line.s2{stroke-dasharray:2 2}.chart .line.s3{stroke-dasharray:8 3 2 3}
        .chart .line.s4{stroke-dasharray:12 4}.chart .line.s5{stroke-dasharray:4 4}
        .chart .mark{fill:currentColor;fill-opacity:.75;stroke:var(--paper);stroke-width:.75}
        .chart .mean{fill:none;stroke:currentColor;stroke-width:2}
        .chart .bar{fill:currentColor;stroke:var(--paper);stroke-width:.75}
        .chart .band{fill:currentColor;fill-opacity:.22}
        .chart .shade{fill:currentColor;fill-opacity:.07}
        .chart .s0{color:var(--s0)}.chart .s1{color:var(--s1)}.chart .s2{color:var(--s2)}.chart .s3{color:var(--s3)}
        .chart .s4{color:var(--s4)}.chart .s5{color:var(--s5)}.chart .s6{color:var(--s6)}.chart .s7{color:var(--s7)}
        @media (prefers-color-scheme:dark){.chart{--s0:#6db3f2;--s1:#ff9a66;--s2:#4fcda4;--s3:#d39ae6;--s4:#e6b94f;\
        --s5:#8fd3f7;--s6:#cba98a;--s7:#a5adba;--ink:#eef1f5;--soft:#a3acb9;--rule:#2b323d;--paper:#14181f}}
        @media print{.chart{--s0:#0b62a8;--s1:#c4500c;--s2:#0a8466;--s3:#8b4a9c;--s4:#8a5f00;--s5:#2a7cae;--s6:#7d5a3a;\
        --s7:#6b7280;--ink:#000;--soft:#444;--rule:#ddd;--paper:#fff}}
        """

    /// The class of the series with this number; colours repeat after eight.
    static func series(_ index: Int) -> String { "s\(index % 8)" }
}
