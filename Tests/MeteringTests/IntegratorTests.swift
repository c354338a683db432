import Metering
import ProbeTestKit
import Quantities
import Testing

@Suite("From readings to joules")
struct IntegratorTests {
    private let constant = PowerCurve(steps: [(from: -1, watts: 50)])

    private func run(_ trace: Trace, _ seconds: Double, _ marks: Marks = Marks()) -> EnergyAccount {
        account(traces: [trace], start: 0, end: ns(seconds), marks: marks)
    }

    private func regionMarks(_ times: [(Double, Double)]) -> Marks {
        Marks(
            marks: times.flatMap { from, to in
                [
                    Mark(time: ns(from), pid: 1, tid: 1, event: .begin(region: "r", attributes: [:])),
                    Mark(time: ns(to), pid: 1, tid: 1, event: .end(region: "r")),
                ]
            }
        )
    }

    @Test("a constant load gives its power times the time, with the sensor's gain as uncertainty")
    func constantLoad() throws {
        let trace = constant.trace(counterChannel(), at: ticks(20, every: 0.1))
        let total = run(trace, 20).total
        #expect(abs(try #require(total.joules).value - 1000) < 0.2)
        #expect(abs(try #require(total.uncertainty).value - 60) < 0.5)
        #expect(try #require(total.randomUncertainty).value < 0.1)
        #expect(total.basis == .measured)
        #expect(total.coverage == ["powercap/package-0"])
    }

    @Test("the energy of windows that follow one another is that of the run", arguments: [1, 2, 3, 7, 24])
    func split(count: Int) throws {
        let curve = PowerCurve(steps: [(-1, 20), (5, 100), (7, 20)])
        let trace = curve.trace(counterChannel(), at: ticks(10, every: 0.1))
        let ends = (0...count).map { ns(10) * Int64($0) / Int64(count) }
        let windows = zip(ends, ends.dropFirst()).map { $0..<$1 }
        let parts = try #require(joules(traces: [trace], in: windows))
        let whole = try #require(run(trace, 10).total.joules)
        #expect(abs(parts.reduce(0) { $0 + $1.value } - whole.value) < 1e-9 * whole.value)
        #expect(joules(traces: [], in: windows) == nil)
        // By the curve, not by time: the middle fifth holds more than half of the energy.
        let middle = try #require(joules(traces: [trace], in: [ns(5)..<ns(7)])?.first)
        #expect(abs(middle.value - 200) < 1)
    }

    @Test("mean and largest power are those of the load")
    func powers() throws {
        let curve = PowerCurve(steps: [(-1, 20), (5, 100), (7, 20)])
        let energy = run(curve.trace(counterChannel(), at: ticks(10, every: 0.1)), 10).channels[0]
        #expect(abs(try #require(energy.meanPower).value - 36) < 0.1)
        #expect(abs(try #require(energy.maxPower).value - 100) < 2)
        #expect(energy.gaps.isEmpty)
        #expect(energy.wraps == 0 && energy.resets == 0)
    }

    @Test("wraps lose nothing")
    func wraps() throws {
        // 2 J of range at 50 W: a wrap every 40 ms, read every 10 ms.
        var channel = counterChannel(range: 2_000_000)
        channel.maximumPower = Watts(100)
        let energy = run(constant.trace(channel, at: ticks(4, every: 0.01)), 4).channels[0]
        #expect(abs(try #require(energy.joules).value - 200) < 0.1)
        #expect(energy.wraps >= 98 && energy.wraps <= 102)
        #expect(energy.resets == 0)
    }

    @Test("a reset loses one step, which stands as a gap and widens the uncertainty")
    func reset() throws {
        var trace = constant.trace(counterChannel(), at: ticks(20, every: 0.1))
        let at = trace.count / 2
        let base = trace.columns[0][at] - 10
        for i in at..<trace.count { trace.columns[0][i] -= base }
        let energy = run(trace, 20).channels[0]
        #expect(energy.resets == 1)
        #expect(energy.gaps.map(\.reason) == ["reset"])
        #expect(abs(try #require(energy.joules).value - 1000) < 0.5)
        #expect(try #require(energy.randomUncertainty).value > 1)
    }

    @Test("readings too far apart are no statement")
    func ambiguous() {
        var channel = counterChannel(range: 65_532_610_987)
        channel.maximumPower = Watts(2000)
        let energy = run(constant.trace(channel, at: [-0.001, 60, 120.001]), 120).channels[0]
        #expect(energy.joules == nil)
        #expect(energy.uncertainty == nil)
        #expect(energy.gaps.map(\.reason) == ["ambiguous", "ambiguous"])
    }

    @Test("missing ticks lose no joules of a counter, and are recorded")
    func missing() throws {
        var trace = constant.trace(counterChannel(), at: ticks(10, every: 0.1))
        for i in 20..<30 { trace.columns[0][i] = RawReading.missing }
        let energy = run(trace, 10).channels[0]
        #expect(abs(try #require(energy.joules).value - 500) < 0.2)
        #expect(energy.gaps.count == 1)
        #expect(energy.gaps[0].reason == "missing")
        #expect(abs(energy.gaps[0].to - energy.gaps[0].from - 1.1) < 0.01)
    }

    @Test("late ticks are recorded")
    func late() throws {
        let times = ticks(10, every: 0.1).filter { $0 < 4 || $0 > 5 }
        let energy = run(constant.trace(counterChannel(), at: times), 10).channels[0]
        #expect(energy.gaps.map(\.reason) == ["late"])
        #expect(abs(try #require(energy.joules).value - 500) < 0.2)
    }

    @Test("a domain that vanished before the end has no energy of the run, and is not covered")
    func vanished() {
        var trace = constant.trace(counterChannel(), at: ticks(10, every: 0.1))
        for i in 50..<trace.count { trace.columns[0][i] = RawReading.missing }
        let account = run(trace, 10)
        #expect(account.channels[0].joules == nil)
        #expect(account.total.joules == nil)
        #expect(account.total.coverage.isEmpty)
    }

    @Test("no reading, one reading and a counter that never moved are unknown, never zero", arguments: [0, 1, 2])
    func unknown(count: Int) {
        var trace = constant.trace(counterChannel(), at: Array([-0.001, 1.001].prefix(count)))
        if count == 2 { trace.columns[0] = [5, 5] }
        let account = run(trace, 1, regionMarks([(0.2, 0.4)]))
        #expect(account.total.joules == nil)
        #expect(account.channels[0].joules == nil)
        #expect(account.regions[0].joules == nil)
    }

    @Test("pieces of a trace give what the whole gives")
    func pieces() {
        let times = ticks(10, every: 0.1)
        let whole = constant.trace(counterChannel(), at: times)
        let parts = [
            constant.trace(counterChannel(), at: Array(times[..<40])),
            constant.trace(counterChannel(), at: Array(times[40...])),
        ]
        #expect(account(traces: parts, start: 0, end: ns(10), marks: Marks()) == run(whole, 10))
    }

    @Test("channels outside the total stay outside; gains of several add up")
    func totals() throws {
        var trace = constant.trace(counterChannel(), at: ticks(10, every: 0.1))
        for (name, inTotal) in [("powercap/package-0/dram", true), ("powercap/psys", false)] {
            trace.channels.append(counterChannel(name, inTotal: inTotal))
            trace.columns.append(trace.columns[0])
        }
        let total = run(trace, 10).total
        #expect(abs(try #require(total.joules).value - 1000) < 0.4)
        #expect(total.coverage == ["powercap/package-0", "powercap/package-0/dram"])
        #expect(abs(try #require(total.uncertainty).value - 2 * 0.03 * 1000) < 0.5)
        trace.channels[1].basis = .modelled
        #expect(run(trace, 10).total.basis == .mixed)
    }

    @Test("regions of a constant load get their share, also between two samples")
    func regionsBetweenSamples() throws {
        let trace = constant.trace(counterChannel(), at: ticks(10, every: 0.1))
        let region = run(trace, 10, regionMarks([(1.02, 1.05), (3, 4), (9.9, 12)])).regions[0]
        #expect(region.count == 3)
        #expect(abs(region.duration.value - 1.13) < 1e-6)
        #expect(abs(try #require(region.joules).value - 50 * 1.13) < 0.3)
        #expect(try #require(region.uncertainty).value > 2 * 0.03 * 50 * 1.13)
    }

    @Test("joules of regions side by side in time add up to the run's", arguments: 1...10)
    func additivity(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let curve = PowerCurve.random(10, watts: 10...200, lasting: 0.05...2, using: &random)
        let trace = curve.trace(counterChannel(), at: ticks(10, every: 0.1))
        let whole = try #require(run(trace, 10).total.joules).value
        let cut = Double.random(in: 0.5...9.5, using: &random)
        let first = try #require(run(trace, 10, regionMarks([(0, cut)])).regions[0].joules).value
        let second = try #require(run(trace, 10, regionMarks([(cut, 10)])).regions[0].joules).value
        #expect(abs(first + second - whole) < 1e-6)
    }

    @Test("the stated 95 % hold the truth in at least 93 of 100 repetitions", arguments: [0.02, 0.1, 0.5])
    func coverage(interval: Double) throws {
        var random = SeededGenerator(seed: 2026)
        var hits = (run: 0, region: 0)
        let repetitions = 200
        for _ in 0..<repetitions {
            let seconds = Double.random(in: 4...12, using: &random)
            let curve = PowerCurve.random(seconds, watts: 20...150, lasting: 0.2...3, using: &random)
            let channel = counterChannel(uncertainty: 0)
            let times = ticks(seconds, every: interval).enumerated().filter { i, _ in i < 2 || i % 17 != 0 }.map(
                \.element
            )
            let phase = Double.random(in: 0...0.001, using: &random)
            let trace = curve.trace(
                channel,
                at: times + (times.last == seconds + 0.0005 ? [] : [seconds + 0.0005]),
                phase: phase,
                offset: UInt64.random(in: 0..<200_000_000_000, using: &random)
            )
            let from = Double.random(in: 0..<seconds / 2, using: &random)
            let to = Double.random(in: from + 0.01..<seconds, using: &random)
            let account = run(trace, seconds, regionMarks([(from, to)]))
            let (total, region) = (account.total, account.regions[0])
            let error = abs(try #require(total.joules).value - curve.energy(0, seconds))
            let stated = try #require(total.uncertainty).value
            if error <= stated { hits.run += 1 }
            let regionError = abs(try #require(region.joules).value - curve.energy(from, to))
            let regionStated = try #require(region.uncertainty).value
            if regionError <= regionStated { hits.region += 1 }
        }
        #expect(hits.run >= repetitions * 93 / 100, "run \(hits.run) of \(repetitions)")
        #expect(hits.region >= repetitions * 93 / 100, "region \(hits.region) of \(repetitions)")
    }

    private func powerTrace(window: Double, every interval: Double, _ seconds: Double, _ watts: (Double) -> Double)
        -> Trace
    {
        var channel = counterChannel("nvml/GPU-0", uncertainty: 0)
        channel.kind = .power(wattsPerCount: 0.001, window: Seconds(window))
        var trace = Trace(channels: [channel])
        for time in stride(from: 0, through: seconds + interval / 2, by: interval) {
            trace.before.append(ns(time))
            trace.after.append(ns(time))
            trace.columns[0].append(UInt64(watts(time) * 1000))
        }
        return trace
    }

    @Test("a power without a window is summed by the trapezoid")
    func trapezoid() throws {
        let trace = powerTrace(window: 0, every: 0.1, 10) { 10 + 5 * $0 }
        let total = run(trace, 10).total
        #expect(abs(try #require(total.joules).value - 350) < 0.01)
        #expect(try #require(total.randomUncertainty).value > 0)
    }

    @Test("a power averaged over exactly the interval is summed by the rectangle")
    func rectangle() throws {
        // A step from 10 to 110 W in the middle of an interval: the mean over the window is exact.
        let trace = powerTrace(window: 0.1, every: 0.1, 10) { time in
            time < 4.99 ? 10 : time < 5.09 ? 60 : 110
        }
        #expect(abs(try #require(run(trace, 10).total.joules).value - (10 * 4.95 + 110 * 5.05)) < 0.01)
    }

    @Test("a power averaged over a longer window is moved back by half of it")
    func shifted() throws {
        let trace = powerTrace(window: 1, every: 0.1, 20) { 10 + 5 * max(0, $0 - 0.5) }
        let region = run(trace, 20, regionMarks([(5, 15)])).regions[0]
        #expect(abs(try #require(region.joules).value - (100 + 5 * 100)) < 0.5)
    }

    @Test("one power sample is no energy")
    func oneSample() {
        var trace = powerTrace(window: 0, every: 0.1, 0.01) { _ in 10 }
        trace.before = [0]
        trace.after = [0]
        trace.columns = [[10]]
        #expect(run(trace, 0.1).total.joules == nil)
    }
}
