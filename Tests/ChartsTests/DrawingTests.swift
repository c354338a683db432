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

    @Test(arguments: ChartWidth.allCases)
    func chartsAreWellFormedAndDescribed(width: ChartWidth) throws {
        let charts = [Self.power.draw(width), Self.forest.draw(width), Self.bars.draw(width), Self.scatter.draw(width)]
        for (index, chart) in charts.enumerated() {
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
    }

    @Test func manyVisitsBecomeFewBlocks() throws {
        let chart = try #require(Self.power.draw(.wide))
        #expect(chart.markup.components(separatedBy: "<rect").count < 50)
        #expect(chart.markup.contains("5000 visits"))
    }

    @Test func textStaysInThePicture() throws {
        for width in ChartWidth.allCases {
            for chart in [
                Self.power.draw(width), Self.forest.draw(width), Self.bars.draw(width), Self.scatter.draw(width),
            ] {
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
