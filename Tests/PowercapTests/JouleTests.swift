import Metering
import Powercap
import ProbeTestKit
import Quantities
import Testing

/// From files to joules: a load of known power drives the counters' files, and the account must find its joules.
@Suite("Joules of powercap counters")
struct JouleTests {
    private static let intel: UInt64 = 262_143_328_850
    private static let amd: UInt64 = 65_532_610_987

    /// Reads the tree at each instant of virtual time after `set` has put the counters there.
    private func account(_ tree: TemporaryTree, _ times: [Double], _ set: (Double) throws -> Void) throws
        -> EnergyAccount
    {
        try set(times[0])
        var probe = try PowercapProbe(PowercapSurvey(root: tree.root))
        var trace = Trace(channels: probe.channels)
        // The files are written at the very instants, so that no value has an age.
        for i in trace.channels.indices { trace.channels[i].updatePeriod = .zero }
        var readings = [RawReading](repeating: RawReading(), count: probe.channels.count)
        for time in times {
            try set(time)
            var span = readings.mutableSpan
            try probe.read(into: &span)
            trace.before.append(Int64((time * 1e6).rounded()) * 1000)
            trace.after.append(Int64((time * 1e6).rounded()) * 1000)
            for i in readings.indices { trace.columns[i].append(readings[i].raw) }
        }
        return Metering.account(
            traces: [trace],
            start: trace.before[0],
            end: trace.before[trace.count - 1],
            marks: Marks()
        )
    }

    @Test(
        "random loads through random ranges give their joules, however often the counter starts again",
        arguments: 1...25
    )
    func randomLoads(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let tree = try TemporaryTree()
        // Half of the ranges wrap within the test; never more than once between two readings at 1 kW.
        let interval = Double.random(in: 0.01...2, using: &random)
        let least = UInt64(2.4 * 1000 * interval * 1e6)
        let range = UInt64.random(in: least...(least * 8), using: &random)
        let load = PowerCurve.random(100, watts: 5...900, lasting: 0.1...5, using: &random)
        let folder = try tree.zone("intel-rapl:0", "package-0", range: range)
        let offset = UInt64.random(in: 0..<range, using: &random)
        let times = Array(stride(from: 0, through: 60 * interval, by: interval))
        let energy = try account(tree, times) { time in
            try tree.write(folder + "/energy_uj", "\((UInt64(load.energy(-1, time) * 1e6) + offset) % range)\n")
        }
        let truth = load.energy(times[0], times[times.count - 1])
        let channel = energy.channels[0]
        // A count at either end; the driver's own rounding is a unit of the register at each wrap.
        let unit = max(1, Double(range) / 4_294_967_295) * 1e-6
        #expect(abs(try #require(energy.total.joules).value - truth) <= Double(2 + channel.wraps) * (unit + 1e-6))
        #expect(channel.resets == 0 && channel.gaps.isEmpty)
        #expect(energy.total.coverage == ["powercap/package-0"])
    }

    @Test("a wrap of the AMD range is 1610987 µJ")
    func wrap() throws {
        let tree = try TemporaryTree()
        let folder = try tree.zone("intel-rapl:0", "package-0", range: Self.amd)
        let energy = try account(tree, [0, 0.1]) {
            try tree.write(folder + "/energy_uj", $0 == 0 ? "65532000000\n" : "1000000\n")
        }
        #expect(abs(try #require(energy.total.joules).value - 1.610987) < 1e-9)
        #expect(energy.channels[0].wraps == 1)
    }

    @Test("a counter set anew is no wrap of 257 kW: its step is a gap, not joules")
    func reset() throws {
        let tree = try TemporaryTree()
        let folder = try tree.zone("intel-rapl:0", "package-0", range: Self.intel)
        let counts: [UInt64] = [4_900_000_000, 5_000_000_000, 10, 100_000_010, 200_000_010]
        let energy = try account(tree, [0, 1, 2, 3, 4]) {
            try tree.write(folder + "/energy_uj", "\(counts[Int($0)])\n")
        }
        let channel = energy.channels[0]
        #expect(channel.resets == 1 && channel.wraps == 0)
        #expect(channel.gaps.map(\.reason) == ["reset"])
        // 100 W in the seconds that are known, and the mean for the one that is not.
        #expect(abs(try #require(energy.total.joules).value - 400) < 1e-6)
        #expect(try #require(energy.total.randomUncertainty).value > 10)
    }

    @Test("without a range, a counter that starts again is a gap")
    func noRange() throws {
        let tree = try TemporaryTree()
        let folder = try tree.zone("intel-rapl:0", "package-0", range: nil)
        let counts: [UInt64] = [65_000_000_000, 65_100_000_000, 50_000_000, 150_000_000, 250_000_000]
        let energy = try account(tree, [0, 1, 2, 3, 4]) {
            try tree.write(folder + "/energy_uj", "\(counts[Int($0)])\n")
        }
        #expect(energy.channels[0].resets == 1)
    }

    @Test("psys, package, core and mapped memory: the total is package and memory")
    func total() throws {
        let tree = try TemporaryTree()
        let watts: [(id: String, name: String, watts: Double)] = [
            ("intel-rapl:0", "package-0", 40), ("intel-rapl:0:0", "core", 30), ("intel-rapl:0:1", "dram", 5),
            ("intel-rapl:1", "psys", 60), ("intel-rapl:2", "package-1", 20), ("intel-rapl-mmio:0", "package-0", 40),
        ]
        var folders: [String] = []
        for zone in watts { folders.append(try tree.zone(zone.id, zone.name)) }
        let energy = try account(tree, Array(stride(from: 0, through: 10, by: 0.5))) { time in
            for (zone, folder) in zip(watts, folders) {
                try tree.write(folder + "/energy_uj", "\(1000 + UInt64((zone.watts * time * 1e6).rounded()))\n")
            }
        }
        #expect(abs(try #require(energy.total.joules).value - 650) < 1e-6)
        #expect(energy.total.coverage == ["powercap/package-0", "powercap/package-0/dram", "powercap/package-1"])
        #expect(energy.total.basis == .measured)
    }

    @Test("a counter that never moves gives no joules, and the total says that it is missing")
    func constant() throws {
        let tree = try TemporaryTree()
        let package = try tree.zone("intel-rapl:0", "package-0")
        try tree.zone("intel-rapl:0:0", "dram", energy: 0)
        let energy = try account(tree, [0, 1, 2]) { try tree.write(package + "/energy_uj", "\(UInt64($0 * 1e7))\n") }
        #expect(energy.channels[1].joules == nil)
        #expect(energy.total.coverage == ["powercap/package-0"])
        #expect(energy.warnings == ["powercap/package-0/dram is missing from the total: its counter did not move."])
    }

    @Test("a counter that ends before the run does gives no joules rather than too few")
    func ended() throws {
        let tree = try TemporaryTree()
        let package = try tree.zone("intel-rapl:0", "package-0")
        let energy = try account(tree, [0, 1, 2, 3, 4, 5]) {
            try tree.write(package + "/energy_uj", $0 < 3 ? "\(UInt64($0 * 1e7))\n" : "")
        }
        #expect(energy.total.joules == nil)
        #expect(energy.warnings.first?.contains("gaps") == true)
    }
}
