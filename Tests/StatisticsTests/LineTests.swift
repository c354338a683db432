import Statistics
import Testing

@Suite("Trend")
struct TrendTests {
    @Test func `two points or an exact line have no standard error`() throws {
        let two = try #require(trend([1, 2], [3, 5]))
        #expect(two.slope == Inference(value: 2))
        #expect(two.value(at: 0).value == 1)
        let exact = try #require(trend([1, 2, 3, 4], [0.1, 0.2, 0.3, 0.4]))
        #expect(exact.slope.interval() == nil)
        #expect(exact.rSquared.map { abs($0 - 1) < 1e-12 } == true)
        let flat = try #require(trend([1, 2, 3], [5, 5, 5]))
        #expect(flat.slope == Inference(value: 0))
        #expect(flat.rSquared == nil)
    }

    @Test func `what is no line is refused`() {
        #expect(trend([1, 1, 1], [1, 2, 3]) == nil)
        #expect(trend([1], [1]) == nil)
        #expect(trend([], [Double]()) == nil)
        #expect(trend([1, 2], [1, 2, 3]) == nil)
        #expect(trend([1, .nan, 3], [1, 2, 3]) == nil)
        #expect(trend([1, 2, 3], [1, 2, 3].map { Inference(value: $0) }) == nil)
        let sure = Inference(value: 1, standardError: 1, degreesOfFreedom: 4)
        #expect(trend([1, 2], [sure, Inference(value: .nan, standardError: 1, degreesOfFreedom: 4)]) == nil)
        #expect(trend([1, 2], [sure, Inference(value: 1)]) == nil)
        #expect(trend([1, 2], [sure, sure])?.birgeRatio == nil)
    }

    @Test func `the surest figures weigh most, and scatter beyond the errors widens them`() throws {
        let figures = [0.1, 0.2, 0.3, 0.9].enumerated().map { index, value in
            Inference(value: value, standardError: index == 3 ? 1 : 0.001, degreesOfFreedom: 9)
        }
        #expect(try abs(#require(trend([1, 2, 3, 4], figures)).slope.value - 0.1) < 1e-4)
        let scattered = [0.1, 0.3, 0.1, 0.3].map { Inference(value: $0, standardError: 0.01, degreesOfFreedom: 9) }
        let line = try #require(trend([1, 2, 3, 4], scattered))
        #expect(try #require(line.birgeRatio) > 5)
        #expect(try #require(line.slope.interval()).contains(0))
    }
}

@Suite("Order of runs")
struct OrderTests {
    @Test func `a drift is found between arms of different height`() throws {
        let arms = [0, 1, 1, 0, 0, 1, 1, 0]
        let noise = [0.01, -0.02, 0.02, 0.0, -0.01, 0.01, -0.01, 0.0]
        let values = arms.indices.map { Double(arms[$0]) * 100 + 0.5 * Double($0) + noise[$0] }
        let slope = try #require(drift(values, at: arms.indices.map(Double.init), arms: arms))
        #expect(abs(slope.value - 0.5) < 0.01)
        #expect(try #require(slope.pValue()) < 1e-6)
        #expect(slope.degreesOfFreedom == 5)
    }

    @Test func `one run an arm tells no drift`() {
        #expect(drift([1, 2], at: [0, 1], arms: [0, 1]) == nil)
        #expect(drift([1, 2], at: [0], arms: [0, 1]) == nil)
        #expect(drift([], at: [], arms: []) == nil)
        #expect(drift([3, 3, 3, 3], at: [0, 1, 2, 3], arms: [0, 0, 1, 1]) == Inference(value: 0))
        #expect(drift([3, .nan, 3], at: [0, 1, 2], arms: [0, 0, 1]) == nil)
    }

    @Test func `carry-over of 5 is found`() throws {
        var runs = SimulatedRuns(seed: 3)
        let arms = runs.shuffledBlocks(arms: 2, blocks: 10)
        var values = arms.map { Double($0) + 0.3 * runs.normal() }
        for index in values.indices.dropFirst() where arms[index - 1] == 1 { values[index] += 5 }
        #expect(try #require(carryOver(values, arms: arms)).pValue < 1e-6)
    }

    @Test func `an order that tells no predecessor gives no test`() {
        // Strict alternation: the predecessor is always the other arm.
        #expect(carryOver([1, 2, 1.1, 2.2, 0.9, 2.1], arms: [0, 1, 0, 1, 0, 1]) == nil)
        #expect(carryOver([1, 2, 3], arms: [0, 1, 0]) == nil)
        #expect(carryOver([1, 2, 3, 4], arms: [0, 1, 0]) == nil)
        #expect(carryOver([5, 5, 5, 5, 5, 5, 5, 5], arms: [0, 1, 1, 0, 0, 1, 1, 0]) == nil)
        #expect(carryOver([], arms: []) == nil)
        #expect(carryOver([1, 2, .nan, 3], arms: [0, 1, 1, 0]) == nil)
    }

    @Test func `without drift and carry-over both are reported in 5 of 100 experiments`() throws {
        var runs = SimulatedRuns(seed: 17)
        var drifts = 0
        var carries = 0
        for _ in 0..<1000 {
            let arms = runs.shuffledBlocks(arms: 3, blocks: 5)
            let values = arms.map { Double($0) + runs.normal() }
            let positions = arms.indices.map(Double.init)
            if try #require(drift(values, at: positions, arms: arms)?.pValue()) < 0.05 { drifts += 1 }
            if let test = carryOver(values, arms: arms), test.pValue < 0.05 { carries += 1 }
        }
        // Four standard errors of 1,000 trials are 2.8 %.
        #expect((22...78).contains(drifts), "\(drifts)")
        #expect((22...78).contains(carries), "\(carries)")
    }

    @Test func `temperature change is the line's, whatever the rhythm`() throws {
        #expect(try abs(#require(temperatureChange([50, 51, 53], at: [0, 10, 30])) - 3) < 1e-12)
        #expect(temperatureChange([50, 51], at: [0, 10]) == nil)
        #expect(temperatureChange([50, 51, 52], at: [3, 3, 3]) == nil)
    }
}
