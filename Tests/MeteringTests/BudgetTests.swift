import ProbeTestKit
import Quantities
import Testing

@testable import Metering

@Suite("The uncertainty budget")
struct BudgetTests {
    private typealias Row = UncertaintyBudget.Component

    private func row(
        _ part: UncertaintyBudget.Part,
        _ size: Double,
        _ distribution: UncertaintyBudget.Distribution = .normal,
        shared: Bool = false
    ) -> UncertaintyBudget.Component {
        Row(part: part, standardUncertainty: Joules(size), distribution: distribution, isShared: shared)
    }

    private func expanded(_ rows: Row...) -> Double { UncertaintyBudget(rows).expanded.value }

    @Test("independent parts are combined in quadrature, and k is 2 where all are normal")
    func quadrature() {
        let budget = UncertaintyBudget([
            row(.resolution, 4), row(.calibration, 3, shared: true), row(.gaps, 0, .uniform),
        ])
        #expect(budget.standardUncertainty.value == 5)
        #expect(budget.expanded.value == 10)
        #expect(budget.random.value == 4)
        #expect(budget.shared.value == 3)
        #expect(budget.components.map(\.part) == [.calibration, .resolution])
        #expect(budget.shares.map(\.part) == [.resolution, .calibration])
        #expect(abs(budget.shares[0].share - 0.64) < 1e-12)
        #expect(UncertaintyBudget([]).expanded.value == 0)
    }

    @Test("one part alone has the 95 % of its own shape")
    func alone() {
        // Half widths of 95 % of shapes of half width 1: 0.95, 1 - √0.05 and the bound itself.
        #expect(abs(expanded(row(.gaps, 1 / 3.0.squareRoot(), .uniform)) - 0.95) < 1e-12)
        #expect(abs(expanded(row(.updatePeriod, 1 / 6.0.squareRoot(), .triangular)) - (1 - 0.05.squareRoot())) < 1e-7)
        #expect(abs(expanded(row(.sampling, 1 / 3.0.squareRoot(), .bound)) - 1) < 1e-12)
    }

    @Test("two uniform parts of unlike width are near their trapezoid")
    func trapezoid() {
        // Half widths 1 and 0.3: outside of c lies (1.3 - c)²/(4·1·0.3) of it, so 95 % within 1.3 - √0.06.
        let half = expanded(
            row(.gaps, 1 / 3.0.squareRoot(), .uniform),
            row(.resolution, 0.3 / 3.0.squareRoot(), .uniform)
        )
        #expect(abs(half - (1.3 - 0.06.squareRoot())) < 0.015)
    }

    @Test(
        "a dominating part is propagated as draws after JCGM 101 would do it",
        arguments: [UncertaintyBudget.Distribution.uniform, .triangular, .bound],
        [0.05, 0.3, 0.75]
    )
    func monteCarlo(shape: UncertaintyBudget.Distribution, normal: Double) {
        var random = SeededGenerator(seed: 101)
        let draws = 50_000
        let errors = (0..<draws).map { _ in
            let part =
                switch shape {
                case .uniform: 3.0.squareRoot() * Double.random(in: -1...1, using: &random)
                case .triangular:
                    6.0.squareRoot() / 2
                        * (Double.random(in: -1...1, using: &random) + Double.random(in: -1...1, using: &random))
                default: 3.0.squareRoot()
                }
            return abs(part + normal * random.normal())
        }.sorted()
        let half = expanded(row(.sampling, 1, shape), row(.calibration, normal, shared: true))
        #expect(abs(half - errors[draws * 95 / 100]) < 0.015 * half)
    }

    @Test("a part that is not normal and does not dominate leaves k at 2")
    func dominance() {
        let half = { expanded(row(.gaps, $0, .uniform), row(.calibration, 1, shared: true)) }
        #expect(half(1) == 2 * 2.0.squareRoot())
        #expect(half(1.5) < 2 * 3.25.squareRoot())
        // A bound that is met every time needs more than k = 2 early.
        #expect(expanded(row(.sampling, 0.5, .bound), row(.calibration, 1)) > 2 * 1.25.squareRoot())
    }

    @Test("gains of like sensors add up in a line, of unlike ones in squares, as do independent parts")
    func sums() {
        let one = UncertaintyBudget([
            row(.calibration, 3, shared: true), row(.resolution, 1, .triangular), row(.sampling, 2, .bound),
        ])
        let like = UncertaintyBudget.sum([("powercap", one), ("powercap", one)])
        #expect(like.shared.value == 6)
        #expect(
            like.components == [
                row(.calibration, 6, shared: true), row(.sampling, 4, .bound), row(.resolution, 2.0.squareRoot()),
            ]
        )
        let unlike = UncertaintyBudget.sum([("powercap", one), ("nvml", one)])
        #expect(abs(unlike.shared.value - 18.0.squareRoot()) < 1e-12)
        #expect(UncertaintyBudget.sum([("powercap", one)]) == one)
    }

    @Test("a run's budget names its parts; the figures beside it follow from it")
    func ofARun() throws {
        let curve = PowerCurve(steps: [(-1, 20), (5.03, 100), (7, 20)])
        let trace = curve.trace(counterChannel(), at: ticks(10, every: 0.1))
        let marks = Marks(marks: [
            Mark(time: ns(5.03), pid: 1, tid: 1, event: .begin(region: "r", attributes: [:])),
            Mark(time: ns(6), pid: 1, tid: 1, event: .end(region: "r")),
        ])
        let account = account(traces: [trace], start: 0, end: ns(10), marks: marks)
        let budget = try #require(account.total.budget)
        #expect(budget == account.channels[0].budget)
        #expect(account.total.uncertainty == budget.expanded)
        #expect(account.total.randomUncertainty == budget.random)
        let gain = try #require(budget.components.first)
        #expect(gain.part == .calibration && gain.isShared && gain.distribution == .normal)
        #expect(abs(gain.standardUncertainty.value - 0.03 * (try #require(account.total.joules).value)) < 1e-9)
        let age = try #require(budget.components.first { $0.part == .updatePeriod })
        // Pτ/√6 of the largest power, 100 W, and a millisecond.
        #expect(abs(age.standardUncertainty.value - 100 * 0.001 / 6.0.squareRoot()) < 0.001)
        #expect(age.distribution == .triangular && !age.isShared)
        let between = try #require(account.regions[0].budget?.components.first { $0.part == .sampling })
        #expect(between.distribution == .bound && between.standardUncertainty.value > 0.3)
    }

    @Test("what a model says is uncertain as a model, not as a calibration")
    func ofAModel() throws {
        let curve = PowerCurve(steps: [(-1, 20)])
        let trace = curve.trace(counterChannel("model/cpu", basis: .modelled), at: ticks(10, every: 0.1))
        let budget = try #require(account(traces: [trace], start: 0, end: ns(10), marks: Marks()).total.budget)
        #expect(budget.components.first?.part == .model)
        #expect(!budget.components.contains { $0.part == .calibration })
    }

    @Test("a moving average is uncertain by an eighth of its window's swing at each end")
    func movingAverage() throws {
        var channel = counterChannel("nvml/0", uncertainty: 0)
        channel.kind = .power(wattsPerCount: 0.001, window: Seconds(1))
        var trace = Trace(channels: [channel], before: [], after: [], columns: [[]])
        let curve = PowerCurve(steps: [(-2, 10), (8, 90)])
        for tick in 0...200 {
            let time = Double(tick) / 10
            trace.before.append(ns(time))
            trace.after.append(ns(time))
            trace.columns[0].append(UInt64((curve.energy(time - 1, time) * 1000).rounded()))
        }
        let marks = Marks(marks: [
            Mark(time: ns(8), pid: 1, tid: 1, event: .begin(region: "r", attributes: [:])),
            Mark(time: ns(12), pid: 1, tid: 1, event: .end(region: "r")),
        ])
        let region = account(traces: [trace], start: 0, end: ns(20), marks: marks).regions[0]
        // The step lies on the end: the average gives an eighth of 80 J to the time before it.
        #expect(abs(try #require(region.joules).value - (360 - 10)) < 0.2)
        let row = try #require(region.budget?.components.first { $0.part == .averagingWindow })
        #expect(row.distribution == .bound)
        #expect(abs(row.standardUncertainty.value * 3.0.squareRoot() - 2 * 10) < 0.01)
        #expect(try #require(region.uncertainty).value >= 10)
    }
}
