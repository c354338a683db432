import Metering
import ProbeTestKit
import Quantities
import Testing

@testable import Battery

@Suite("Batteries that drive the machine")
struct BatteryTests {
    private func read(_ probe: inout BatteryProbe) throws -> [UInt64] {
        var readings = [RawReading](repeating: RawReading(raw: 77), count: probe.channels.count)
        var span = readings.mutableSpan
        try probe.read(into: &span)
        return readings.map(\.raw)
    }

    private func once(_ name: String) throws -> [UInt64] {
        var probe = try BatteryProbe(BatterySurvey(root: fixture(name)))
        return try read(&probe)
    }

    private func reason(_ root: String) -> String? {
        guard case .absent(let reason) = BatterySurvey(root: root).availability else { return nil }
        return reason
    }

    @Test("power, current and voltage, or energy that falls; a mouse is left out")
    func sources() throws {
        let survey = BatterySurvey(root: fixture("power"))
        #expect(survey.availability == .ready && survey.channels.map(\.name) == ["battery/BAT0"])
        #expect(survey.channels[0].device == .node)
        #expect(survey.channels[0].kind == .power(wattsPerCount: 1e-6, window: Seconds(0)))
        #expect(try once("power") == [12_345_678])
        #expect(try once("current") == [18_000_000])
        #expect(
            BatterySurvey(root: fixture("energy")).channels[0].kind
                == .energyCounter(joulesPerCount: 0.0036, range: nil)
        )
        #expect(try once("energy") == [BatterySurvey.full - 43_210_000])
    }

    @Test("two batteries are the machine together; the one that rests gives nothing")
    func two() throws {
        let survey = BatterySurvey(root: fixture("two"))
        #expect(survey.channels.filter(\.inTotal).map(\.name) == ["battery/BAT0", "battery/BAT1"])
        #expect(namingFaults(survey.channels) == [])
        #expect(try once("two") == [0, 9_000_000])
    }

    @Test("absent without a battery, on mains power, and where one of two shows no number")
    func absent() throws {
        #expect(reason("/nowhere")?.contains("no battery") == true)
        #expect(reason(fixture("mains"))?.contains("mains power") == true)
        let tree = try TemporaryTree(copyOf: fixture("two"))
        try tree.write("/sys/class/power_supply/BAT0/status", "Charging\n")
        #expect(reason(tree.root)?.contains("mains power") == true)
        try tree.write("/sys/class/power_supply/BAT0/status", "Unknown\n")
        tree.remove("/sys/class/power_supply/BAT0/power_now")
        #expect(reason(tree.root)?.contains("neither power nor energy") == true)
    }

    @Test("plugged in during a run it ends, and says so", arguments: ["Charging", "Full", "Not charging"])
    func pluggedIn(status: String) throws {
        let tree = try TemporaryTree(copyOf: fixture("power"))
        var probe = try BatteryProbe(BatterySurvey(root: tree.root))
        #expect(try read(&probe) == [12_345_678])
        try tree.write("/sys/class/power_supply/BAT0/status", status + "\n")
        let error = #expect(throws: ProbeError.self) { _ = try read(&probe) }
        #expect(error?.consequence == .closeProbe && error?.problem.contains("mains power") == true)
    }

    @Test("a number that cannot be read is missing, and comes back")
    func missing() throws {
        let tree = try TemporaryTree(copyOf: fixture("current"))
        var probe = try BatteryProbe(BatterySurvey(root: tree.root))
        for file in ["current_now", "voltage_now"] {
            let text = try FileTree(root: tree.root).text("/sys/class/power_supply/BAT1/" + file)
            try tree.write("/sys/class/power_supply/BAT1/" + file, "\n")
            #expect(try read(&probe) == [RawReading.missing])
            try tree.write("/sys/class/power_supply/BAT1/" + file, text)
            #expect(try read(&probe) == [18_000_000])
        }
    }

    @Test("random loads empty the battery by their joules", arguments: 1...10)
    func joules(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let load = PowerCurve.random(120, watts: 5...60, lasting: 1...20, using: &random)
        let tree = try TemporaryTree(copyOf: fixture("energy"))
        var probe = try BatteryProbe(BatterySurvey(root: tree.root))
        var trace = Trace(channels: probe.channels)
        // The files are written at the very instants, so that no value has an age.
        for i in trace.channels.indices { trace.channels[i].updatePeriod = .zero }
        for second in stride(from: 0, through: 120, by: 10) {
            let used = Int(load.energy(0, Double(second)) / 0.0036)
            try tree.write("/sys/class/power_supply/BAT0/energy_now", "\(43_210_000 - used)\n")
            trace.before.append(Int64(second) * 1_000_000_000)
            trace.after.append(Int64(second) * 1_000_000_000)
            trace.columns[0].append(try read(&probe)[0])
        }
        let energy = Metering.account(traces: [trace], start: 0, end: 120_000_000_000, marks: Marks())
        #expect(abs(try #require(energy.total.joules).value - load.energy(0, 120)) < 0.01)
    }

    @Test("keeps the contract of every probe", arguments: ["power", "current", "energy", "two"])
    func contract(name: String) throws {
        let tree = try TemporaryTree(copyOf: fixture(name))
        #expect(try violations(below: tree.root) { try BatteryProbe(BatterySurvey(root: tree.root)) } == [])
    }
}
