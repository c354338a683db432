import Discovery
import Glibc
import Metering
import PAPI
import ProbeTestKit
import Testing

@Suite("What PAPI offers, asked of a library with scripted answers")
struct SurveyTests {
    private let energies = [
        "papi/powercap:::ENERGY_UJ:ZONE0", "papi/powercap:::ENERGY_UJ:ZONE0_SUBZONE0",
        "papi/powercap:::ENERGY_UJ:ZONE0_SUBZONE1", "papi/nvml:::Some_GPU:device_0:total_energy_consumption",
    ]

    private func survey(_ library: StandIn, _ events: [String] = [], energy: Bool = false) -> PAPISurvey {
        PAPISurvey(library: library.path, events: events, findsEnergy: energy, root: "/nowhere")
    }

    @Test("versions 6 and 7 are spoken to as they are", arguments: ["0x06000000", "0x07000000", "0x07020000"])
    func versions(version: String) throws {
        let library = try StandIn(version: version)
        let found = survey(library, ["PAPI_TOT_INS"], energy: true)
        #expect(found.availability == .ready)
        #expect(found.channels.map(\.name) == energies + ["papi/PAPI_TOT_INS"])
        #expect(found.warnings == [])
    }

    @Test("a version that is neither is absent and says what PAPI says")
    func otherVersion() throws {
        let found = survey(try StandIn(version: "0x05070000"), ["PAPI_TOT_INS"])
        guard case .absent(let reason) = found.availability else {
            Issue.record("not absent")
            return
        }
        #expect(reason.contains("PAPI does not start: it says code -1"))
        #expect(found.warnings.count == 1 && found.channels.isEmpty)
    }

    @Test("without a library nothing is counted, and the sentence says what to install")
    func noLibrary() {
        let found = PAPISurvey(library: "/nowhere/libpapi.so", events: ["PAPI_TOT_INS"], findsEnergy: true)
        #expect(found.warnings.count == 1)
        #expect(found.warnings.first?.contains("/nowhere/libpapi.so") == true)
        #expect(found.warnings.first?.contains("apt install libpapi7.0") == true)
    }

    @Test("a library that is no PAPI is refused")
    func otherLibrary() {
        let found = PAPISurvey(library: "libc.so.6", events: [], findsEnergy: true)
        guard case .absent(let reason) = found.availability else {
            Issue.record("not absent")
            return
        }
        #expect(reason.contains("lacks a function"))
    }

    @Test("what contains what, and what enters the total")
    func containment() throws {
        let channels = survey(try StandIn(), energy: true).channels
        #expect(namingFaults(channels) == [])
        #expect(channels.map(\.inTotal) == [true, false, true, true])
        #expect(channels.map(\.containedIn) == [nil, energies[0], nil, nil])
        #expect(channels.map(\.device) == [.cpu, .cpu, .memory, .gpu])
    }

    @Test("a counter of the node contains all others and alone enters the total")
    func node() throws {
        let channels = survey(try StandIn("NODE"), energy: true).channels
        let node = "papi/cray_pm:::PM_ENERGY:NODE"
        #expect(channels.filter(\.inTotal).map(\.name) == [node])
        #expect(channels.filter { $0.name != node }.allSatisfy { $0.containedIn == node })
        #expect(channels.contains { $0.name == "papi/cray_pm:::PM_ENERGY:ACC" })
    }

    @Test("an energy event that is named alone is energy, no count")
    func namedEnergy() throws {
        let found = survey(try StandIn(), ["powercap:::ENERGY_UJ:ZONE0", "PAPI_TOT_INS", "PAPI_TOT_INS"])
        #expect(found.channels.map(\.name) == [energies[0], "papi/PAPI_TOT_INS"])
        #expect(found.channels.map(\.countsEvents) == [false, true])
        #expect(found.channels.map(\.inTotal) == [true, false])
    }

    @Test("each event that cannot be counted is named with PAPI's reason; the others go on")
    func refusals() throws {
        let events = [
            "nonsense", "PAPI_TOT_INS", "PAPI_DP_OPS", "perf::TASK-CLOCK", "PAPI_L1_DCM", "PAPI_L2_DCM",
            "coretemp:::hwmon0:temp1_input",
        ]
        let found = survey(try StandIn(), events)
        #expect(
            found.channels.map(\.name)
                == ["papi/PAPI_TOT_INS", "papi/PAPI_DP_OPS", "papi/perf::TASK-CLOCK", "papi/PAPI_L1_DCM"]
        )
        #expect(found.channels.map(\.eventUnit) == ["", "", "ns", ""])
        #expect(found.warnings.count == 3)
        #expect(found.warnings[0].hasPrefix("nonsense is not counted: PAPI says: Event does not exist. "))
        #expect(found.warnings[1].hasPrefix("coretemp:::hwmon0:temp1_input is not counted: PAPI says: it cannot be"))
        #expect(
            found.warnings[2].hasPrefix("PAPI_L2_DCM is not counted: PAPI says: Event exists, but cannot be counted")
        )
        #expect(found.warnings[2].contains("(component perf_event)"))
    }

    @Test("events that conflict only at the start leave the first one")
    func conflicts() throws {
        let found = survey(try StandIn("CONFLICTS_AT_START"), ["PAPI_TOT_INS", "PAPI_DP_OPS", "PAPI_L1_DCM"])
        #expect(found.channels.map(\.name) == ["papi/PAPI_TOT_INS"])
        #expect(found.warnings.count == 2)
        #expect(found.warnings.allSatisfy { $0.contains("counter resource limitations") })
    }

    @Test("a component that is disabled says why")
    func disabled() throws {
        let found = survey(try StandIn("DISABLED"), ["powercap:::ENERGY_UJ:ZONE0", "PAPI_TOT_INS"], energy: true)
        #expect(found.channels.map(\.name) == [energies[3], "papi/PAPI_TOT_INS"])
        #expect(found.notes == ["component powercap: Not an Intel processor"])
        #expect(found.warnings.count == 1)
        #expect(found.warnings.first?.contains("(component powercap: Not an Intel processor)") == true)
    }

    @Test("where the kernel may not be counted, user mode is, and that is said")
    func userMode() throws {
        let found = survey(try StandIn("USER_MODE"), ["PAPI_TOT_INS", "PAPI_DP_OPS"])
        #expect(found.channels.count == 2)
        #expect(found.warnings.count == 1)
        #expect(found.warnings.first?.hasPrefix("PAPI_TOT_INS, PAPI_DP_OPS: counted in user mode alone") == true)
    }

    @Test("a process that PAPI may not attach to is named with its reason")
    func denied() throws {
        let found = survey(try StandIn("DENIED"), ["PAPI_TOT_INS"])
        #expect(found.channels.isEmpty)
        #expect(found.warnings.first?.contains("Permission level does not permit operation") == true)
    }
}
