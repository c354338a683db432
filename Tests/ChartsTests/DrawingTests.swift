import Foundation
import Testing

@testable import Charts

@Suite struct DrawingTests {
    static let power = PowerChart(
        title: "Power <of> \"a\" run",
        lines: [.init(label: "a & b", points: (0..<2000).map { Point(x: Double($0) / 100, y: 40 + Double($0 % 7)) })],
        bands: (0..<5000).map {
            PowerChart.Band(path: "train/step", from: Double($0) * 0.004, to: Double($0) * 0.004 + 0.003, depth: 1)
        }
    )
    static let forest = ForestPlot(
        title: "Ratio",
        quantity: "Energy ratio",
        below: "less",
        above: "more",
        rows: [
            .init(label: "an arm with a name that is much too long for a telephone", value: 0.6, low: 0.59, high: 0.62)
        ]
    )
    static let bars = StackedBars(
        title: "Bars",
        quantity: "Energy",
        unit: "J",
        parts: ["CPU", "Memory"],
        bars: [.init(label: "fp32", caption: "617 J, modelled", values: [500, 117], uncertainty: 40)]
    )
    static let scatter = ScatterPlot(
        title: "Scatter",
        basis: "modelled",
        series: [.init(label: "fp32", points: [Point(x: 12, y: 600)], mean: nil)]
    )

    static let difference = ForestPlot(
        title: "Difference",
        quantity: "Difference of iou",
        below: "",
        above: "",
        axis: .difference(margin: -0.01),
        rows: [.init(label: "bf16", value: -0.001, low: -0.004, high: 0.002)]
    )
    static let sizes = SizePlot(
        title: "Sizes",
        quantity: "Speed-up",
        size: "filters",
        series: [
            .init(
                label: "bf16: a framework with a long name",
                entries: [8, 16, 32].map { .init(size: $0, value: 1 + $0 / 50, low: 1 + $0 / 60, high: 1 + $0 / 40) },
                slope: "× 1.15 (1.10 to 1.21)"
            )
        ]
    )
    static let groups = GroupedBars(
        title: "Groups",
        quantity: "Energy, modelled",
        unit: "J",
        groups: [
            .init(
                label: "fp32, filters=8",
                bars: [
                    .init(label: "wattbook-unet", series: 0, value: 512, low: 500, high: 524),
                    .init(
                        label: "a framework with a name that is too long",
                        series: 1,
                        value: 900,
                        low: nil,
                        high: nil
                    ),
                ]
            )
        ]
    )

    /// Every kind of chart at a width.
    static func all(_ width: ChartWidth) -> [Chart?] {
        [
            power.draw(width), forest.draw(width), bars.draw(width), scatter.draw(width), difference.draw(width),
            sizes.draw(width), groups.draw(width),
        ]
    }

    @Test(arguments: ChartWidth.allCases)
    func chartsAreWellFormedAndDescribed(width: ChartWidth) throws {
        for (index, chart) in Self.all(width).enumerated() {
            let chart = try #require(chart)
            let svg = chart.svg(id: "c\(index)", standalone: true)
            #expect(WellFormed.check(svg), "\(chart.title)")
            #expect(svg.contains("role=\"img\"") && svg.contains("aria-labelledby=\"c\(index)-title c\(index)-desc\""))
            #expect(!chart.description.isEmpty && chart.width == width.rawValue)
            #expect(!svg.contains("nan") && !svg.contains("–,"))
        }
    }

    @Test func nothingToShowIsNoChart() {
        #expect(PowerChart(title: "", lines: [], bands: []).draw(.wide) == nil)
        #expect(
            PowerChart(title: "", lines: [.init(label: "", points: [Point(x: 1, y: .nan)])], bands: []).draw(.wide)
                == nil
        )
        #expect(StackedBars(title: "", quantity: "", unit: "J", parts: [], bars: []).draw(.wide) == nil)
        #expect(ForestPlot(title: "", quantity: "", below: "", above: "", rows: []).draw(.wide) == nil)
        #expect(ScatterPlot(title: "", basis: "", series: []).draw(.narrow) == nil)
        #expect(SizePlot(title: "", quantity: "", size: "", series: []).draw(.wide) == nil)
        #expect(GroupedBars(title: "", quantity: "", unit: "J", groups: []).draw(.wide) == nil)
    }

    @Test func manyVisitsBecomeFewBlocks() throws {
        let chart = try #require(Self.power.draw(.wide))
        #expect(chart.markup.components(separatedBy: "<rect").count < 50)
        #expect(chart.markup.contains("5000 visits"))
    }

    @Test func textStaysInThePicture() throws {
        for width in ChartWidth.allCases {
            for chart in Self.all(width) {
                let chart = try #require(chart)
                for match in chart.markup.matches(of: /<text[^>]* x="([-0-9.]+)"[^>]*?( text-anchor="(\w+)")?>([^<]*)</)
                {
                    let x = try #require(Double(match.1))
                    let length = textWidth(String(match.4), size: 11)
                    let left = match.3 == "end" ? x - length : match.3 == "middle" ? x - length / 2 : x
                    #expect(left > -6 && left + length < width.rawValue + 6, "\(match.4) in \(chart.title)")
                }
            }
        }
    }

    @Test func modelledStandsOnTheAxis() throws {
        #expect(try #require(Self.scatter.draw(.wide)).markup.contains("J, modelled"))
    }
}

/// A check that tags are closed in order and that no bare sign stands in text; enough for what charts write.
enum WellFormed {
    static func check(_ text: String) -> Bool {
        var open: [Substring] = []
        for tag in text.matches(of: /<(\/?)([a-z]+)([^<>]*)>/) {
            if tag.3.hasSuffix("/") { continue }
            if tag.1.isEmpty {
                open.append(tag.2)
            } else if open.popLast() != tag.2 {
                return false
            }
        }
        let rest = text.replacing(/<[^<>]*>/, with: "").replacing(/&(amp|lt|gt|quot|#39);/, with: "")
        return open.isEmpty && !rest.contains("<") && !rest.contains("&")
    }
}
