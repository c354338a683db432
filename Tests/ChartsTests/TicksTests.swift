import Testing

@testable import Charts

@Suite struct TicksTests {
    @Test(
        arguments: [
            (0, 1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]), (0, 617, ["0", "200", "400", "600"]),
            (350, 640, ["400", "500", "600"]), (0, 0.03, ["0.00", "0.01", "0.02", "0.03"]),
            (0, 12_345, ["0", "5000", "10000"]),
        ] as [(Double, Double, [String])]
    )
    func ticksAreRound(low: Double, high: Double, labels: [String]) {
        #expect(Ticks.linear(low, high, about: labels.count).labels == labels)
    }

    @Test func ratiosKeepOne() {
        for (low, high) in [(0.9, 1.1), (0.01, 100), (0.5, 2), (0.99, 1.01)] as [(Double, Double)] {
            let ticks = Ticks.ratios(low, high, atMost: 6)
            #expect(ticks.values.contains(1) && ticks.values.count <= 6)
            #expect(ticks.values.allSatisfy { $0 >= low * 0.99 && $0 <= high * 1.01 })
        }
    }

    @Test func degenerateAxisHasATick() {
        #expect(Ticks.linear(5, 5, about: 4).values == [5])
    }

    @Test func logarithmicScaleGivesEqualRoomToEqualRatios() {
        let scale = Scale(domain: 0.25...4, range: (0, 400), logarithmic: true)
        #expect(abs(scale(1) - 200) < 1e-9 && abs(scale(0.5) - 100) < 1e-9 && abs(scale(2) - 300) < 1e-9)
    }
}
