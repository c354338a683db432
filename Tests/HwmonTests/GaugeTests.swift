import Metering
import ProbeTestKit
import Quantities
import SystemPackage
import Testing

@testable import Hwmon

/// From files to joules: a square wave of known power drives the gauges, on virtual time.
@Suite("Joules of power gauges")
struct GaugeTests {
    /// 100 W and 300 W in turn, each for half of every second, from a phase on.
    private struct SquareWave {
        var phase: Double
        var swing = 200.0
        var low = 100.0

        /// Joules between two instants.
        func energy(_ from: Double, _ to: Double) -> Double {
            low * (to - from) + swing * (secondsHigh(to) - secondsHigh(from))
        }

        private func secondsHigh(_ time: Double) -> Double {
            let whole = (time - phase).rounded(.down)
            return whole / 2 + max(0, time - phase - whole - 0.5)
        }
    }

    /// Reads a Grace module whose meter averages over `window` at 10 Hz for a minute.
    private func measure(_ load: SquareWave, window: Double, told: String, jitter: [Double] = []) throws
        -> (energy: ChannelEnergy, truth: Double, warnings: [String])
    {
        let tree = try TemporaryTree()
        let folder = "/sys/class/hwmon/hwmon1"
        try tree.write(folder + "/name", "power_meter\n")
        try tree.write(folder + "/power1_oem_info", "Module Power Socket 0\n")
        try tree.write(folder + "/power1_average_interval", told)
        try tree.write(folder + "/power1_average", "1\n")
        var probe = try HwmonProbe(HwmonSurvey.look(root: tree.root).sensors)
        // Kept open and never shortened: a file system may flush what was shortened and closed.
        let gauge = try FileDescriptor.open(FilePath(tree.root + folder + "/power1_average"), .writeOnly)
        defer { try? gauge.close() }
        var trace = Trace(channels: probe.channels)
        var readings = [RawReading()]
        for tick in 0...600 {
            let time = Double(tick) / 10 + (jitter.isEmpty ? 0 : jitter[tick])
            let digits = String(UInt64(load.energy(time - window, time) / window * 1e6))
            let text = String(repeating: "0", count: 12 - digits.count) + digits + "\n"
            _ = try gauge.writeAll(toAbsoluteOffset: 0, text.utf8)
            var span = readings.mutableSpan
            try probe.read(into: &span)
            trace.before.append(Int64(time * 1e9))
            trace.after.append(Int64(time * 1e9))
            trace.columns[0].append(readings[0].raw)
        }
        let (start, end) = (trace.before[0], trace.before[600])
        let account = account(traces: [trace], start: start, end: end, marks: Marks())
        return (account.channels[0], load.energy(Double(start) / 1e9, Double(end) / 1e9), account.warnings)
    }

    private func expectTrue(_ result: (energy: ChannelEnergy, truth: Double, warnings: [String]), within: Double) throws
    {
        let joules = try #require(result.energy.joules).value
        #expect(abs(joules / result.truth - 1) < within, "\(joules) J of \(result.truth) J")
        #expect(abs(joules - result.truth) <= (try #require(result.energy.uncertainty)).value)
    }

    @Test("averages over the interval, over a second, and over 50 ms: within 1 % at any phase", arguments: 0..<5)
    func windows(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let load = SquareWave(phase: Double.random(in: 0..<1, using: &random))
        try expectTrue(try measure(load, window: 0.1, told: "100\n"), within: 0.001)
        try expectTrue(try measure(load, window: 1, told: "1000\n"), within: 0.01)
        try expectTrue(try measure(load, window: 0.05, told: "50\n"), within: 0.01)
    }

    @Test("a present power: within 1 % at any phase, with a beat that comes at odd times", arguments: 0..<5)
    func present(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed + 100)
        let load = SquareWave(phase: Double.random(in: 0..<1, using: &random))
        let jitter = (0...600).map { _ in Double.random(in: 0...0.002, using: &random) }
        try expectTrue(try measure(load, window: 1e-6, told: "1\n", jitter: jitter), within: 0.01)
    }

    @Test("a gauge that shows 0 for the whole run is missing from the total, and said")
    func zero() throws {
        let result = try measure(SquareWave(phase: 0, swing: 0, low: 0), window: 0.1, told: "100\n")
        #expect(result.energy.joules == nil)
        #expect(result.warnings.count == 1 && result.warnings[0].hasSuffix("from the total: it showed 0 W throughout."))
    }
}
