import Metering
import ProbeTestKit
import Quantities
import Testing

/// A counter's value is anywhere from nothing to an update period old, and no reading tells how old.
@Suite("The age of a counter's value")
struct ValueAgeTests {
    /// A square wave of which ten seconds begin within its high half and end within its low one.
    private let square = PowerCurve(
        steps: (-2..<17).map { (from: Double($0) * 0.66 - 0.33, watts: $0.isMultiple(of: 2) ? 400 : 100) }
    )

    /// Errors in joules over the run, and over a part of it that begins and ends likewise, for fifty phases of the
    /// counter's renewals.
    private func errors(_ load: PowerCurve, period: Double, times: [Double]) throws -> [(run: Double, region: Double)] {
        let channel = counterChannel(uncertainty: 0, period: period)
        let (from, to) = (2.64, 4.62)
        let marks = Marks(marks: [
            Mark(time: ns(from), pid: 1, tid: 1, event: .begin(region: "r", attributes: [:])),
            Mark(time: ns(to), pid: 1, tid: 1, event: .end(region: "r")),
        ])
        return try (0..<50).map { phase in
            let trace = load.trace(channel, at: times, phase: (Double(phase) + 0.5) / 50 * period, offset: 1_000_000)
            let account = account(traces: [trace], start: 0, end: ns(10), marks: marks)
            return (
                try #require(account.total.joules).value - load.energy(0, 10),
                try #require(account.regions[0].joules).value - load.energy(from, to)
            )
        }
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    @Test(
        "leaves no mean error where the power is higher at one end than at the other",
        arguments: [(0.1, 0.1), (0.1, 0.05), (0.1, 0.037), (0.02, 0.1)]
    )
    func unbiased(period: Double, interval: Double) throws {
        let errors = try errors(square, period: period, times: ticks(10, every: interval))
        // If a value counted as new: 15 J of these 2,500 where the period is 0.1 s.
        let asNew = 300 * period / 2
        #expect(abs(mean(errors.map(\.run))) < 0.05 * asNew)
        #expect(abs(mean(errors.map(\.region))) < 0.05 * asNew)
    }

    @Test(
        "leaves no error of a steady load, however close the last two readings lie",
        arguments: [0.001, 0.03, 0.07]
    )
    func steady(gap: Double) throws {
        let times = ticks(10, every: 0.1).filter { $0 < 10 - gap } + [10.0005 - gap, 10.0005]
        let errors = try errors(PowerCurve(steps: [(-1, 100)]), period: 0.1, times: times)
        // All ages are the same but for a millisecond. A renewal between the last two readings alone would be any power.
        #expect(errors.allSatisfy { abs($0.run) < 0.2 })
    }
}
