import Metering
import ProbeTestKit
import Testing

@Suite("The meaning of a counter's next value")
struct WrappingCounterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var range: UInt64?
        var watts = 1000.0
        var previous: UInt64
        var current: UInt64
        var seconds: Double
        var expected: WrappingCounter.Step
    }

    static let amd: UInt64 = 65_532_610_987
    static let intel: UInt64 = 262_143_328_850

    @Test(
        "follows the wrap rule",
        arguments: [
            Case(
                testDescription: "advance",
                range: intel,
                previous: 100,
                current: 5_000_100,
                seconds: 0.1,
                expected: .advanced(5_000_000)
            ),
            Case(
                testDescription: "no change",
                range: intel,
                previous: 7,
                current: 7,
                seconds: 0.1,
                expected: .advanced(0)
            ),
            Case(
                testDescription: "wrap of the AMD range",
                range: amd,
                previous: 65_532_000_000,
                current: 1_000_000,
                seconds: 0.1,
                expected: .wrapped(1_610_987)
            ),
            Case(
                testDescription: "reset: 257 kW is no wrap",
                range: intel,
                previous: 5_000_000_000,
                current: 10,
                seconds: 1,
                expected: .reset
            ),
            Case(
                testDescription: "a leap beyond the largest power is a reset",
                range: intel,
                previous: 0,
                current: 100_000_000_000,
                seconds: 1,
                expected: .reset
            ),
            Case(
                testDescription: "a decrease without a range is a reset",
                range: nil,
                previous: 10,
                current: 9,
                seconds: 1,
                expected: .reset
            ),
            Case(
                testDescription: "without a range nothing is ambiguous",
                range: nil,
                previous: 0,
                current: 9,
                seconds: 1e6,
                expected: .advanced(9)
            ),
            Case(
                testDescription: "two minutes at 1 kW can hide a wrap of 65 kJ",
                range: amd,
                previous: 0,
                current: 1_000_000,
                seconds: 120,
                expected: .ambiguous
            ),
            Case(
                testDescription: "a wrap that may be two",
                range: amd,
                previous: 65_000_000_000,
                current: 1_000_000,
                seconds: 120,
                expected: .ambiguous
            ),
            Case(
                testDescription: "30 s are safe up to 1 kW",
                range: amd,
                previous: 60_000_000_000,
                current: 20_000_000_000,
                seconds: 30,
                expected: .wrapped(25_532_610_987)
            ),
            Case(
                testDescription: "a value above its own range is no counter",
                range: 100,
                watts: 1e-3,
                previous: 200,
                current: 50,
                seconds: 1,
                expected: .reset
            ),
        ]
    )
    func follows(_ example: Case) {
        var counter = WrappingCounter(range: example.range, maximumRate: example.watts * 1e6)
        #expect(counter.step(to: example.previous, at: 0) == .first)
        #expect(counter.step(to: example.current, at: Int64(example.seconds * 1e9)) == example.expected)
    }

    @Test("accepts what was added since the value before the last renewal")
    func updatePeriod() {
        var counter = WrappingCounter(range: nil, maximumRate: 1e9, updatePeriod: 1_000_000)
        _ = counter.step(to: 0, at: 0)
        // 1 kW for 1 ms, seen within 10 µs.
        #expect(counter.step(to: 1_000_000, at: 10_000) == .advanced(1_000_000))
        #expect(counter.step(to: 9_000_000, at: 20_000) == .reset)
    }

    @Test("a step longer than its source bears is ambiguous, whatever it shows; the next one counts again")
    func readWithin() {
        var counter = WrappingCounter(range: nil, maximumRate: 1e9, readWithin: 30_000_000_000)
        _ = counter.step(to: 0, at: 0)
        #expect(counter.step(to: 30, at: 30_000_000_000) == .advanced(30))
        // A late tick of the beat that this asks for is not yet too late.
        #expect(counter.step(to: 65, at: 65_000_000_000) == .advanced(35))
        #expect(counter.step(to: 70, at: 102_000_000_000) == .ambiguous)
        #expect(counter.step(to: 60, at: 139_000_000_000) == .ambiguous)
        #expect(counter.step(to: 61, at: 140_000_000_000) == .advanced(1))
    }

    @Test("never loses or invents a count over random walks", arguments: 1...20)
    func randomWalk(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let range = UInt64.random(in: 1_000_000...100_000_000, using: &random)
        var counter = WrappingCounter(range: range, maximumRate: 1e9)
        var (value, time, truth, seen) = (UInt64.random(in: 0...range, using: &random), Int64(0), UInt64(0), UInt64(0))
        _ = counter.step(to: value, at: time)
        for _ in 0..<200 {
            // At most 0.4 of the range at half of the largest rate: no wrap can hide.
            let step = UInt64.random(in: 0...(range * 2 / 5), using: &random)
            time += Int64(Double(step) / 1e9 * 1e9 * 1.5) + 1
            truth += step
            value = value + step > range ? value + step - range : value + step
            switch counter.step(to: value, at: time) {
            case .advanced(let counts), .wrapped(let counts): seen += counts
            case let other: Issue.record("\(other)")
            }
        }
        #expect(seen == truth)
    }
}
