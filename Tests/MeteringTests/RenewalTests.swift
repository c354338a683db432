import Metering
import ProbeTestKit
import Quantities
import Testing

@Suite("A counter that is read more often than it is renewed")
struct RenewalTests {
    /// Renewed every 100 ms and read every 5, without an error of its gain.
    private func sensor(_ interval: Double = 0.005) -> SimulatedSensor {
        var sensor = SimulatedSensor(name: "counter", unit: 1e-3, period: 0.1, isCounter: true, gain: 0)
        sensor.interval = interval
        return sensor
    }

    /// Joules and their half width over the run and over a second of it, with the truth.
    private func measured(
        _ shape: SimulatedLoad.Shape,
        seed: UInt64,
        interval: Double = 0.005
    ) throws -> [(joules: Double, stated: Double, truth: Double)] {
        var random = SeededGenerator(seed: seed)
        let load = SimulatedLoad.draw(shape, seconds: 10, using: &random)
        let trace = sensor(interval).trace(load, seconds: 10, using: &random)
        let from = Double.random(in: 1...8, using: &random)
        let time = { (seconds: Double) in Int64((seconds * 1e9).rounded()) }
        let marks = Marks(marks: [
            Mark(time: time(from), pid: 1, tid: 1, event: .begin(region: "r", attributes: [:])),
            Mark(time: time(from + 1), pid: 1, tid: 1, event: .end(region: "r")),
        ])
        let account = account(traces: [trace], start: 0, end: time(10), marks: marks)
        let region = try #require(account.regions.first)
        return [
            (
                try #require(account.total.joules).value, try #require(account.total.uncertainty).value,
                load.energy(0, 10)
            ),
            (try #require(region.joules).value, try #require(region.uncertainty).value, load.energy(from, from + 1)),
        ]
    }

    @Test("a steady load is right to 0.1 % over 10 s, and to 0.5 % over a second", arguments: 1...20)
    func steady(seed: UInt64) throws {
        let fine = try measured(.constant, seed: seed)
        #expect(abs(fine[0].joules / fine[0].truth - 1) < 0.001)
        #expect(abs(fine[1].joules / fine[1].truth - 1) < 0.005)
        // The same counter read as often as it is renewed: its value may be a period old at either end.
        let coarse = try measured(.constant, seed: seed, interval: 0.1)
        #expect(fine[0].stated < coarse[0].stated / 4)
    }

    @Test(
        "of loads that change, the stated interval holds the truth",
        arguments: [SimulatedLoad.Shape.square, .bursts]
    )
    func held(shape: SimulatedLoad.Shape) throws {
        var hits = 0
        for seed in 1...100 {
            hits += try measured(shape, seed: UInt64(seed)).count { abs($0.joules - $0.truth) <= $0.stated }
        }
        #expect(hits >= 186)
    }

    @Test("a step of the power right after the start is not carried back before it")
    func stepAtStart() throws {
        let load = PowerCurve(steps: [(-2, 400), (0.1, 100)])
        let channel = counterChannel(uncertainty: 0, period: 0.1)
        for phase in [0.02, 0.04, 0.06, 0.08] {
            let trace = load.trace(channel, at: ticks(5, every: 0.01), phase: phase, offset: 1_000_000_000)
            let total = account(traces: [trace], start: 0, end: ns(5), marks: Marks()).total
            // Half of the time between two readings at either end; 300 W for up to 0.1 s otherwise.
            #expect(abs(try #require(total.joules).value - load.energy(0, 5)) < 8, "\(phase)")
        }
    }

    @Test("a load that begins after a rest is not spread over the rest")
    func rest() throws {
        let channel = sensor().channel
        var trace = Trace(channels: [channel])
        // Nothing for three seconds, then 100 W; renewed at every tenth of a second.
        for tick in 0...1200 {
            let time = Double(tick) * 0.005
            let renewed = (time * 10 + 1e-9).rounded(.down) / 10
            trace.before.append(Int64((time * 1e9).rounded()))
            trace.after.append(Int64((time * 1e9).rounded()))
            // A standby of 1 W at first, so that renewals are seen near the start.
            trace.columns[0].append(UInt64(((min(renewed, 0.5) + 100 * max(0, renewed - 3)) * 1000).rounded()))
        }
        let marks = Marks(marks: [
            Mark(time: 1_000_000_000, pid: 1, tid: 1, event: .begin(region: "rest", attributes: [:])),
            Mark(time: 2_800_000_000, pid: 1, tid: 1, event: .end(region: "rest")),
        ])
        let account = account(traces: [trace], start: 0, end: 6_000_000_000, marks: marks)
        #expect(abs(try #require(account.regions.first?.joules).value) < 0.01)
        #expect(abs(try #require(account.total.joules).value - 300.5) < 1)
    }
}
