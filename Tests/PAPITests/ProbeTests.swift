import Discovery
import Glibc
import Metering
import PAPI
import ProbeTestKit
import Quantities
import Testing

@Suite("Reading PAPI's counters")
struct ProbeTests {
    @Test("the contract of all probes", arguments: ["0x06000000", "0x07000000"])
    func contract(version: String) throws {
        #expect(countsAllocations())
        let library = try StandIn(version: version)
        let survey = PAPISurvey(
            library: library.path,
            events: ["PAPI_TOT_INS", "perf::TASK-CLOCK"],
            findsEnergy: true,
            root: "/nowhere"
        )
        let broken = try violations(below: nil) { try PAPIProbe(survey, process: getpid()) }
        #expect(broken == [], "\(broken)")
    }

    @Test("a known power gives its joules, a known rate its counts")
    func knownTruth() throws {
        let library = try StandIn()
        let inventory = try discover(
            SensorSelection(
                root: "/nowhere",
                probes: ["papi"],
                replay: nil,
                papiEvents: ["PAPI_TOT_INS"],
                papiLibrary: library.path
            )
        )
        #expect(inventory.coverage.count == 3, "package, memory and the GPU")
        let sampler = try Sampler(try inventory.open(for: getpid())[0].probes, interval: 5_000_000)
        try sampler.start()
        let start = monotonicNow()
        usleep(300_000)
        let end = monotonicNow()
        sampler.stop()
        #expect(sampler.failures == [])
        let result = account(traces: [sampler.drain()], start: start, end: end, marks: Marks())
        let seconds = Double(end - start) * 1e-9
        // 20 W, 5 W and 100 W.
        #expect(abs(try #require(result.total.joules).value / seconds - 125) < 2)
        #expect(result.channels.count == 4, "no event among the energies")
        let count = try #require(result.counts(with: [:])["PAPI_TOT_INS"])
        // Readings outside the run stand at its ends: the milliseconds between are counted too.
        #expect(abs(Double(count) / 1e6 - seconds) < 0.05 * seconds + 0.02)
    }

    @Test("what is chosen: a finer interface wins over PAPI's view of it")
    func discovery() throws {
        let tree = try TemporaryTree()
        try tree.zone("intel-rapl:0", "package-0")
        let library = try StandIn()
        let selection = SensorSelection(
            root: tree.root,
            probes: ["powercap", "papi"],
            replay: nil,
            papiLibrary: library.path
        )
        let inventory = try discover(selection)
        #expect(inventory.coverage.first == "powercap/package-0")
        #expect(!inventory.coverage.contains("papi/powercap:::ENERGY_UJ:ZONE0"))
        #expect(inventory.coverage.contains("papi/powercap:::ENERGY_UJ:ZONE0_SUBZONE1"))
        let events = try discover(
            SensorSelection(
                root: tree.root,
                replay: nil,
                papiEvents: ["PAPI_TOT_INS", "nonsense"],
                papiLibrary: library.path
            )
        )
        #expect(events.coverage == ["powercap/package-0"])
        #expect(events.channels.contains { $0.name == "papi/PAPI_TOT_INS" && $0.countsEvents && !$0.inTotal })
        #expect(events.warnings.contains { $0.hasPrefix("nonsense is not counted") })
    }

    @Test("a library that does not load costs a warning, not the run")
    func noLibrary() throws {
        let selection = SensorSelection(root: "/nowhere", papiEvents: ["PAPI_TOT_INS"], papiLibrary: "/nowhere/papi.so")
        let inventory = try discover(selection)
        #expect(inventory.warnings.contains { $0.hasPrefix("No event is counted: no PAPI library loads") })
    }

    @Test("where nobody asks for it, PAPI is not even looked for in a tree that stands for a machine")
    func notAsked() throws {
        let inventory = try discover(SensorSelection(root: "/nowhere", papiLibrary: "/nowhere/papi.so"))
        #expect(!inventory.interfaces.contains { $0.name == "papi" })
    }
}
