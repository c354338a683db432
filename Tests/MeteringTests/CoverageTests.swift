import Glibc
import Metering
import ProbeTestKit
import Quantities
import Testing

/// Whether the stated 95 % hold the truth, on virtual time.
///
/// `WATTBOOK_SLOW=1` draws 2,000 repetitions of each case instead of 200 and judges by the narrow limits.
@Suite("The stated 95 % hold the truth")
struct CoverageTests {
    /// One sensor in front of one kind of load.
    struct Case: CustomTestStringConvertible, Sendable {
        var sensor: SimulatedSensor
        var shape: SimulatedLoad.Shape
        var testDescription: String { "\(sensor.name), \(shape.rawValue)" }
        /// Its own numbers for each case.
        var seed: UInt64 { testDescription.utf8.reduce(2026) { 31 &* $0 &+ UInt64($1) } }
    }

    static let sensors = [
        SimulatedSensor(name: "counter, 61 µJ, 1 ms", unit: 61e-6, period: 0.001, isCounter: true, gain: 0.03),
        SimulatedSensor(name: "counter, 1 mJ, 100 ms", unit: 1e-3, period: 0.1, isCounter: true, gain: 0.05),
        SimulatedSensor(name: "gauge, 100 ms of 100 ms", unit: 1e-3, period: 0.1, isCounter: false, gain: 0.05),
        SimulatedSensor(name: "gauge, 1 s at 100 ms", unit: 1e-3, period: 1, isCounter: false, gain: 0.05),
        SimulatedSensor(name: "gauge, 25 ms of 100 ms", unit: 1e-3, period: 0.025, isCounter: false, gain: 0.05),
    ]

    static let cases = sensors.flatMap { sensor in
        SimulatedLoad.Shape.allCases.map { Case(sensor: sensor, shape: $0) }
    }

    /// Sensors that fail once in a run.
    static let failing = [
        SimulatedSensor(
            name: "counter, set anew once",
            unit: 61e-6,
            period: 0.001,
            isCounter: true,
            gain: 0.03,
            isSetAnew: true
        ),
        SimulatedSensor(
            name: "gauge, silent for 0.7 s",
            unit: 1e-3,
            period: 0.1,
            isCounter: false,
            gain: 0.05,
            silence: 0.7
        ),
    ].map { Case(sensor: $0, shape: .square) }

    /// Sensors without a gain, so that another part stands alone.
    static let alone = [
        SimulatedSensor(name: "update period alone", unit: 61e-6, period: 0.001, isCounter: true, gain: 0),
        SimulatedSensor(name: "resolution alone", unit: 2, period: 0, isCounter: true, gain: 0),
        SimulatedSensor(name: "time stamps alone", unit: 61e-6, period: 0, isCounter: true, gain: 0, width: 0.01),
    ].map { Case(sensor: $0, shape: .constant) }

    private static let isSlow = unsafe getenv("WATTBOOK_SLOW") != nil
    private static let repetitions = isSlow ? 2000 : 200
    private static let seconds = 10.0

    /// How often one kind of window held the truth.
    private struct Window {
        var name: String
        var hits = 0
        /// Sum of the share of the variance that was drawn from the very distribution that the budget states.
        var drawn = 0.0
        var ratio = 0.0
    }

    @Test("of the gain, phases and lateness that the budget states", arguments: cases + failing + alone)
    func coverage(_ one: Case) throws {
        var random = SeededGenerator(seed: one.seed)
        var windows = [Window(name: "run"), Window(name: "region"), Window(name: "aligned")]
        for _ in 0..<Self.repetitions {
            let load = SimulatedLoad.draw(one.shape, seconds: Self.seconds, using: &random)
            let trace = one.sensor.trace(load, seconds: Self.seconds, using: &random)
            let from = Double.random(in: 1...8, using: &random)
            let spans = [(0, Self.seconds), (from, from + 1), aligned(to: load.steps, near: from)]
            let account = account(traces: [trace], start: 0, end: ns(Self.seconds), marks: marks(spans))
            for (index, region) in account.regions.enumerated() {
                let (a, b) = spans[index]
                let joules = try #require(region.joules).value
                let stated = try #require(region.uncertainty).value
                let budget = try #require(region.budget)
                if abs(joules - load.energy(a, b)) <= stated { windows[index].hits += 1 }
                windows[index].drawn += budget.components.filter { Self.isDrawn($0, inRun: index == 0) }.reduce(0) {
                    $0 + budget.share(of: $1)
                }
                windows[index].ratio += stated / joules
            }
        }
        for window in windows { judge(window, one) }
    }

    /// Whether the simulation draws a part as the budget states it.
    ///
    /// What the power does between samples is the load's affair. The ages of two readings around an end inside of a
    /// run may be the same or not, of which the budget takes the worse.
    private static func isDrawn(_ row: UncertaintyBudget.Component, inRun: Bool) -> Bool {
        switch row.part {
        case .calibration, .resolution, .timeStamps: true
        case .updatePeriod: inRun
        case .sampling, .averagingWindow, .gaps, .model: false
        }
    }

    private func judge(_ window: Window, _ one: Case) {
        let count = Double(Self.repetitions)
        let held = Double(window.hits) / count
        let isDrawn = window.drawn / count > 0.95
        let names = "\(one.sensor.name) | \(one.shape.rawValue) | \(window.name)"
        let words =
            "| \(names) | \(percent(held)) | \(percent(window.ratio / count)) | \(isDrawn ? "drawn" : "bound") |"
        if Self.isSlow {
            print(words)
            #expect(held >= (isDrawn ? 0.935 : 0.95), "\(words)")
            if isDrawn { #expect(held <= 0.965, "\(words)") }
        } else {
            #expect(held >= 0.9, "\(words)")
        }
    }

    /// About a second that begins and ends with steps of the power, where what lies between samples is worst.
    private func aligned(to steps: [Double], near time: Double) -> (Double, Double) {
        let inside = steps.filter { $0 > 0.2 && $0 < Self.seconds - 0.2 }
        guard let from = inside.last(where: { $0 <= time }) ?? inside.first else { return (time, time + 1) }
        guard let to = inside.first(where: { $0 >= from + 1 }) else { return (from, min(Self.seconds, from + 1)) }
        return (from, to)
    }

    private func marks(_ spans: [(Double, Double)]) -> Marks {
        Marks(
            marks: spans.enumerated().flatMap { index, span in
                let (thread, name) = (Int32(index), "\(index)")
                return [
                    Mark(time: ns(span.0), pid: 1, tid: thread, event: .begin(region: name, attributes: [:])),
                    Mark(time: ns(span.1), pid: 1, tid: thread, event: .end(region: name)),
                ]
            }
        )
    }
}
