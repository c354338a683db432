import Testing

@testable import Charts

@Suite struct ScalingChartTests {
    private let marks = [1.0, 2, 4, 8].map { ScalingChart.Mark(units: $0, value: $0, range: ($0 * 0.9)...($0 * 1.1)) }

    private func chart(_ marks: [ScalingChart.Mark]) -> ScalingChart {
        ScalingChart(
            title: "Speed-up",
            unitTitle: "Nodes",
            valueTitle: "Speed-up",
            marks: marks,
            ideal: ScalingChart.Line(label: "ideal", points: [Point(x: 1, y: 1), Point(x: 8, y: 8)]),
            ringed: (index: 1, label: "least"),
            isLogarithmic: true,
            words: { "\($0)" }
        )
    }

    @Test func equalRatiosTakeEqualRoom() throws {
        let svg = try #require(chart(marks).draw(.wide)).svg(id: "x")
        let centres = svg.matches(of: /circle class="mark s0" cx="([0-9.]+)" cy="([0-9.]+)"/).dropFirst()
            .compactMap { match in Double(match.1).flatMap { x in Double(match.2).map { (x, $0) } } }
        #expect(centres.count == 4)
        let steps = zip(centres, centres.dropFirst()).map { ($1.0 - $0.0, $0.1 - $1.1) }
        #expect(steps.allSatisfy { abs($0.0 - steps[0].0) < 0.3 && abs($0.1 - steps[0].1) < 0.3 && $0.1 > 0 })
        #expect(svg.contains(">ideal</text>") && svg.contains(">least</text>") && svg.contains("class=\"reference\""))
        #expect(svg.contains("Speed-up by nodes: 1: 1.0, 2: 2.0"))
    }

    @Test func oneNumberOfUnitsIsNoPicture() {
        #expect(chart([]).draw(.wide) == nil)
        #expect(chart([ScalingChart.Mark(units: 4, value: 1)]).draw(.narrow) == nil)
    }
}
