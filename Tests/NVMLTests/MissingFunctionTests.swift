import Metering
import ProbeTestKit
import Quantities
import Testing

@testable import NVML

@Suite("A library that lacks functions")
struct MissingFunctionTests {
    static let functions = [
        "nvmlInit_v2", "nvmlShutdown", "nvmlSystemGetDriverVersion", "nvmlDeviceGetCount_v2",
        "nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetUUID", "nvmlDeviceGetName", "nvmlDeviceGetPciInfo_v3",
        "nvmlDeviceGetCudaComputeCapability", "nvmlDeviceGetArchitecture", "nvmlDeviceGetTotalEnergyConsumption",
        "nvmlDeviceGetPowerUsage", "nvmlDeviceGetEnforcedPowerLimit", "nvmlDeviceGetFieldValues",
        "nvmlDeviceGetPowerManagementLimitConstraints", "nvmlDeviceGetCurrentClocksEventReasons",
        "nvmlDeviceGetMigMode", "nvmlDeviceGetMaxMigDeviceCount",
        "nvmlDeviceGetMigDeviceHandleByIndex",
    ]

    private let load = Load.square(low: 90, high: 650, period: 0.7, duty: 0.4)
    private var text: String { description(load, "update 0.001") + description(.constant(50), uuid: "GPU-b") }

    @Test("measures the same joules without any one of them", arguments: functions)
    func one(name: String) throws {
        let standIn = try StandIn(text, hiding: [name])
        let (account, _) = try metered(standIn, seconds: 10)
        let truth = load.energy(0.013, 10.013) + 500
        #expect(abs(try #require(account.total.joules).value / truth - 1) < 0.001)
        #expect(account.total.coverage.count == 2)
        #expect(account.channels.count == 4)
    }

    static let pairs: [[String]] = [
        ["nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"],
        ["nvmlDeviceGetPciInfo_v3", "nvmlDeviceGetPciInfo_v2"],
        ["nvmlDeviceGetPciInfo_v3", "nvmlDeviceGetPciInfo_v2", "nvmlDeviceGetPciInfo"],
        ["nvmlDeviceGetCudaComputeCapability", "nvmlDeviceGetArchitecture"],
        ["nvmlDeviceGetEnforcedPowerLimit", "nvmlDeviceGetPowerManagementLimit"],
        ["nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"],
        ["nvmlDeviceGetPowerUsage", "nvmlDeviceGetFieldValues"],
    ]

    @Test("and without all versions of one", arguments: pairs)
    func several(names: [String]) throws {
        let standIn = try StandIn(text, hiding: names)
        let (account, _) = try metered(standIn, seconds: 10)
        let truth = load.energy(0.013, 10.013) + 500
        #expect(abs(try #require(account.total.joules).value / truth - 1) < 0.001)
    }

    @Test("without counters, power makes the total")
    func gauges() throws {
        let standIn = try StandIn(
            description(.constant(100)),
            hiding: ["nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetFieldValues"]
        )
        let (account, _) = try metered(standIn, seconds: 10)
        #expect(account.total.coverage == ["nvml/GPU-a/power"])
        #expect(abs(try #require(account.total.joules).value - 1000) < 1)
    }

    @Test("a GPU without a UUID goes by its PCI address, and without that by its place")
    func unnamed() throws {
        let byAddress = try StandIn(description(.constant(1)), hiding: ["nvmlDeviceGetUUID"])
        #expect(byAddress.survey().channels[0].name == "nvml/PCI-00000000:01:00.0")
        let byPlace = try StandIn(
            description(.constant(1)),
            hiding: ["nvmlDeviceGetUUID", "nvmlDeviceGetPciInfo_v3", "nvmlDeviceGetPciInfo_v2", "nvmlDeviceGetPciInfo"]
        )
        #expect(byPlace.survey().channels[0].name == "nvml/index-0")
    }

    static let useless: [[String]] = [
        ["nvmlInit_v2", "nvmlInit"], ["nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"],
        ["nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetPowerUsage", "nvmlDeviceGetFieldValues"],
    ]

    @Test("what cannot be done without is absence, with a reason", arguments: useless)
    func absent(names: [String]) throws {
        let survey = try StandIn(text, hiding: names).survey()
        guard case .absent(let reason) = survey.availability else {
            Issue.record("not absent")
            return
        }
        #expect(!reason.isEmpty && survey.channels.isEmpty)
    }
}
