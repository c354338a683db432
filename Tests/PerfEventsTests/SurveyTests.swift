import Metering
import ProbeTestKit
import Quantities
import RAPL
import Testing

@testable import PerfEvents

/// The channels that a tree's units would give, were they those of this machine.
private func channels(_ root: String) -> (channels: [Channel], events: [Event], notes: [String]) {
    let tree = FileTree(root: root)
    var notes: [String] = []
    let placed = PlacedEvent.all(of: EnergyUnit.names.compactMap { EnergyUnit($0, tree, &notes) }, tree, &notes)
    let counters = placed.map(\.counter)
    return (Chip(tree, counters).channels(of: counters), placed.map(\.event), notes)
}

@Suite("What the energy units of perf events offer")
struct SurveyTests {
    private func total(_ channels: [Channel]) -> [String] { channels.filter(\.inTotal).map(\.name) }

    @Test("a server: every processor of the mask is asked, the platform once")
    func server() {
        let found = channels(fixture("server"))
        #expect(
            found.channels.map(\.name) == [
                "perf/package-0", "perf/package-0/dram", "perf/psys", "perf/package-1", "perf/package-1/dram",
            ]
        )
        #expect(found.events.map(\.processor) == [0, 0, 0, 56, 56])
        #expect(found.events.map(\.config) == [2, 3, 5, 2, 3])
        #expect(found.events.allSatisfy { $0.type == 23 })
        #expect(
            total(found.channels) == [
                "perf/package-0", "perf/package-0/dram", "perf/package-1", "perf/package-1/dram",
            ]
        )
        #expect(found.channels[1].containedIn == "perf/psys", "the memory lies under its package, not in it")
        #expect(found.channels[1].note == nil, "a server's memory is measured, though it has a platform domain")
        #expect(found.notes.count == 1 && found.notes[0].contains("read already"))
        #expect(namingFaults(found.channels) == [])
    }

    @Test("counts are 2^-32 J, never start again, and want a reading every 30 s")
    func kind() throws {
        for channel in channels(fixture("laptop")).channels {
            #expect(channel.kind == .energyCounter(joulesPerCount: 0x1p-32, range: nil))
            #expect(channel.longestInterval == Seconds(30))
        }
    }

    @Test("a laptop: cores and graphics in the package, and memory that the chip estimates")
    func laptop() {
        let found = channels(fixture("laptop")).channels
        #expect(
            found.map(\.name) == [
                "perf/package-0", "perf/package-0/core", "perf/package-0/dram", "perf/package-0/uncore", "perf/psys",
            ]
        )
        #expect(total(found) == ["perf/package-0", "perf/package-0/dram"])
        #expect(found[1].containedIn == "perf/package-0" && found[3].containedIn == "perf/package-0")
        #expect(found[2].note == "on-chip estimate" && found[0].note == nil)
        #expect(found[2].relativeUncertainty > found[0].relativeUncertainty)
    }

    @Test("dies that count for themselves have the names that powercap gives them")
    func dies() {
        let found = channels(fixture("dies")).channels
        #expect(
            found.filter { $0.domain == "package" }.map(\.name) == [
                "perf/package-0-die-0", "perf/package-0-die-1", "perf/package-1-die-0", "perf/package-1-die-1",
            ]
        )
        #expect(total(found).count == 8)
    }

    @Test("AMD: a package's energy is an estimate, and each core has a counter of its own that is not added")
    func epyc() {
        let found = channels(fixture("epyc")).channels
        #expect(
            found.map(\.name) == [
                "perf/package-0", "perf/package-1", "perf/package-0/core-0", "perf/package-0/core-1",
                "perf/package-1/core-0", "perf/package-1/core-4",
            ]
        )
        #expect(total(found) == ["perf/package-0", "perf/package-1"])
        #expect(found[0].note == "on-chip estimate")
        #expect(found[5].note == "one core only; on-chip estimate" && found[5].containedIn == "perf/package-1")
        #expect(found[5].domain == "core")
        #expect(found[0].relativeUncertainty > channels(fixture("server")).channels[0].relativeUncertainty)
        #expect(namingFaults(found) == [])
    }

    @Test("the scale is a decimal number with a point, in whatever language the machine speaks")
    func scale() {
        #expect(EnergyUnit.scale("2.3283064365386962890625e-10") == 0x1p-32)
        #expect(EnergyUnit.scale("1") == 1)
        for text in ["2,3283064365386962890625e-10", "", "0", "-1", "inf", "nan", "much", "1e-9 J"] {
            #expect(EnergyUnit.scale(text) == nil, "\(text)")
        }
    }

    @Test("the mask is a list of processors and ranges")
    func list() {
        #expect(EnergyUnit.list("0,64") == [0, 64])
        #expect(EnergyUnit.list("0-3,8") == [0, 1, 2, 3, 8])
        for text in ["", "0,", "3-1", "a", "-1", "0-1-2", "0-99999999"] {
            #expect(EnergyUnit.list(text) == nil, "\(text)")
        }
    }

    @Test("an event is a number alone")
    func config() {
        #expect(EnergyUnit.config("event=0x02") == 2)
        #expect(EnergyUnit.config("event=16") == 16)
        for text in ["", "0x02", "event=", "event=0x", "event=0x02,umask=1"] { #expect(EnergyUnit.config(text) == nil) }
    }

    @Test(
        "what a unit's folder does not tell is said, never guessed",
        arguments: [
            ("type", "much"), ("cpumask", ""), ("cpumask", "?"), ("events/energy-pkg", "umask=1"),
            ("events/energy-pkg.scale", "2,3e-10"),
        ]
    )
    func untold(file: String, text: String) throws {
        let tree = try TemporaryTree(copyOf: fixture("clock"))
        try tree.write("\(EnergyUnit.folder)/power/\(file)", text + "\n")
        let found = channels(tree.root)
        #expect(found.channels.isEmpty)
        #expect(found.notes.contains { $0.contains(file) })
        guard case .absent = PerfEventsSurvey(root: tree.root).availability else {
            Issue.record("not absent")
            return
        }
    }

    @Test("a processor whose package is not told is left out, and so is an event that is not in joules")
    func leftOut() throws {
        let tree = try TemporaryTree(copyOf: fixture("server"))
        tree.remove("/sys/devices/system/cpu/cpu56")
        try tree.write("\(EnergyUnit.folder)/power/events/energy-ram.unit", "Watts\n")
        let found = channels(tree.root)
        #expect(found.channels.map(\.name) == ["perf/package-0", "perf/psys"])
        #expect(found.notes.contains { $0.contains("cpu56") })
    }

    @Test("an event of a name that nobody knows is read and never added")
    func unknown() throws {
        let tree = try TemporaryTree(copyOf: fixture("laptop"))
        for (end, text) in [("", "event=0x06"), (".unit", "Joules"), (".scale", "1e-9")] {
            try tree.write("\(EnergyUnit.folder)/power/events/energy-fan" + end, text + "\n")
        }
        let fan = try #require(channels(tree.root).channels.last)
        #expect(fan.name == "perf/package-0/energy-fan" && fan.domain == "energy-fan" && !fan.inTotal)
    }
}
