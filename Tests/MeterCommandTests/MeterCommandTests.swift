import Metering
import ProbeTestKit
import Quantities
import Testing

@testable import MeterCommand

@Suite("A meter behind a command")
struct MeterCommandTests {
    private func parse(_ text: String) -> MeterReading? { MeterReading(Array(text.utf8).span) }

    private func read(_ probe: inout MeterCommandProbe) throws -> RawReading {
        var readings = [RawReading(raw: 77)]
        var span = readings.mutableSpan
        try probe.read(into: &span)
        return readings[0]
    }

    private func survey(_ command: String) throws(MeterCommandError) -> MeterCommandSurvey {
        try MeterCommandSurvey(command: command, interval: Seconds(1))
    }

    @Test(
        "every unit, with and without a blank",
        arguments: [
            ("12.5 W", 12.5, false), ("12.5W\n", 12.5, false), ("1500 mW", 1.5, false), ("0.25 kW", 250, false),
            ("7 J", 7, true), ("7kJ", 7000, true), ("2 Wh", 7200, true), ("1.5 kWh", 5_400_000, true),
            ("\n\n3 W\nmore", 3, false),
        ]
    )
    func units(text: String, value: Double, isEnergy: Bool) throws {
        let reading = try #require(parse(text))
        #expect(abs(reading.value - value) < 1e-9 && reading.unit.isEnergy == isEnergy && reading.time == 0)
    }

    @Test("the meter's own time")
    func time() throws {
        #expect(parse("1 W @1732570000.5")?.time == 1_732_570_000_500_000_000)
        #expect(parse("1W@10")?.time == 10_000_000_000)
    }

    @Test(
        "what is no reading",
        arguments: [
            "", "W", "12", "12 watts", "twelve W", "-3 W", "12 Wx", "12 MW", "1 W @", "1 W @now", "1 W 2", "1.2.3 W",
            "99999999999999999999999 W", "1e3 W",
        ]
    )
    func noReading(text: String) { #expect(parse(text) == nil) }

    @Test("power is a gauge of the node; energy is a counter in steps of the first reading's last digit")
    func channels() throws {
        let power = try survey("echo 12 W").channel
        #expect(power.name == "meter/command" && power.device == .node && power.inTotal)
        #expect(power.kind == .power(wattsPerCount: 1e-3, window: Seconds(0)))
        let energy = try survey("echo 4.137 kWh").channel
        #expect(energy.kind == .energyCounter(joulesPerCount: 3600, range: nil))
        #expect(namingFaults([power]) == [])
        #expect(!power.source.contains("echo"), "a command may hold a password")
    }

    @Test(
        "a command without a first reading is refused in a sentence, and another on what to do",
        arguments: [
            ("exit 3", MeterCommandError.Reason.unavailable, "status 3"),
            ("/nowhere/meter", .unavailable, "status 127"),
            ("echo 12", .badData, "\"12\""), ("true", .badData, "nothing"), ("echo -5 W", .badData, "-5 W"),
        ]
    )
    func refused(command: String, reason: MeterCommandError.Reason, word: String) {
        let error = #expect(throws: MeterCommandError.self) { try survey(command) }
        #expect(error?.reason == reason)
        #expect(error?.description.contains(word) == true && error?.description.contains(command) == true)
    }

    @Test("a counter's joules are those that it counted")
    func joules() throws {
        let tree = try TemporaryTree()
        try tree.write("/meter", "100.0 Wh\n")
        var probe = MeterCommandProbe(try survey("cat \(tree.root)/meter"))
        var trace = Trace(channels: probe.channels)
        // The meter shows what is there at the very instants, so that no value has an age.
        trace.channels[0].updatePeriod = .zero
        for (i, text) in ["100.0", "100.5", "101", "103.2"].enumerated() {
            try tree.write("/meter", text + " Wh\n")
            trace.before.append(Int64(i) * 60_000_000_000)
            trace.after.append(Int64(i) * 60_000_000_000)
            trace.columns[0].append(try read(&probe).raw)
        }
        let energy = Metering.account(traces: [trace], start: 0, end: 180_000_000_000, marks: Marks())
        let joules = try #require(energy.total.joules).value
        #expect(abs(joules - 3.2 * 3600) < 1e-6)
        // A tenth of a watt-hour at each end.
        #expect(try #require(energy.total.uncertainty).value > 360 / 3.5)
        #expect(energy.total.basis == .measured && energy.total.coverage == ["meter/command"])
    }

    @Test("a call that fails, prints something else or another kind of unit is missing, and the next one is not")
    func missing() throws {
        let tree = try TemporaryTree()
        try tree.write("/meter", "echo 5 W\n")
        var probe = MeterCommandProbe(try survey(". \(tree.root)/meter"))
        defer { withExtendedLifetime(tree) {} }
        for script in ["exit 1", "echo five W", "echo 5 J", "echo 5", "kill -9 $$"] {
            try tree.write("/meter", script + "\n")
            #expect(try read(&probe).raw == RawReading.missing)
        }
        try tree.write("/meter", "echo 0.5 kW @3\n")
        #expect(try read(&probe) == RawReading(raw: 500_000, sourceTime: 3_000_000_000))
    }

    @Test("keeps the contract of every probe")
    func contract() throws {
        let survey = try survey("echo 5 W")
        let broken = try violations(below: nil, reads: 20) { MeterCommandProbe(survey) }
        #expect(broken == [])
    }
}
