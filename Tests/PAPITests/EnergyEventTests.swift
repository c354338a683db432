import Metering
import Testing

@testable import PAPI

@Suite("What an energy event of PAPI's measures")
struct EnergyEventTests {
    struct Case: Sendable {
        var name: String
        var domain: String
        var joules: Double
        var hardware: String?
        var inTotal: Bool
        var description = ""
    }

    static let cases = [
        Case("powercap:::ENERGY_UJ:ZONE1", "package", 1e-6, "rapl/package-1", true),
        Case("powercap:::ENERGY_UJ:ZONE1_SUBZONE0", "core", 1e-6, "rapl/package-1/core", false, "core"),
        Case("powercap:::ENERGY_UJ:ZONE1_SUBZONE2", "uncore", 1e-6, "rapl/package-1/uncore", false, "uncore"),
        Case("powercap:::ENERGY_UJ:ZONE0_SUBZONE1", "dram", 1e-6, "rapl/package-0/dram", true, "dram"),
        Case("rapl:::PACKAGE_ENERGY:PACKAGE12", "package", 1e-9, "rapl/package-12", true),
        Case("rapl:::DRAM_ENERGY:PACKAGE0", "dram", 1e-9, "rapl/package-0/dram", true),
        Case("rapl:::PP0_ENERGY:PACKAGE0", "core", 1e-9, "rapl/package-0/core", false),
        Case("rapl:::PSYS_ENERGY:PACKAGE0", "psys", 1e-9, "rapl/psys", false),
        Case("rapl::RAPL_ENERGY_PKG:cpu=8", "package", 0x1p-32, "rapl/package-1", true),
        Case("amd64_rapl::RAPL_ENERGY_PKG:cpu=0", "package", 0x1p-32, "rapl/package-0", true),
        Case("nvml:::A_GPU:device_0:total_energy_consumption", "gpu", 1e-3, nil, true),
        Case("cray_pm:::PM_ENERGY:NODE", "node", 1, "cray/node", true),
        Case("PM_ENERGY:ACC", "accelerator", 1, "cray/acc", true),
    ]

    @Test("by its name", arguments: cases)
    func names(expected: Case) throws {
        let event = try #require(
            EnergyEvent(expected.name, description: expected.description) { $0 / 8 }
        )
        let channel = event.channel
        #expect(channel.name == "papi/" + expected.name)
        #expect(channel.domain == expected.domain)
        #expect(channel.kind == .energyCounter(joulesPerCount: expected.joules, range: nil))
        #expect(channel.hardware == expected.hardware)
        #expect(channel.inTotal == expected.inTotal)
    }

    @Test(
        "other events are none",
        arguments: [
            "PAPI_TOT_INS", "perf::TASK-CLOCK", "powercap:::POWER_LIMIT_A_UW:ZONE0", "powercap:::NAME:ZONE0",
            "powercap:::ENERGY_UJ:ZONE0_SUBZONE3", "rapl:::PACKAGE_ENERGY_CNT:PACKAGE0", "rapl:::THERMAL_SPEC:PACKAGE0",
            "nvml:::A_GPU:device_0:power", "cray_pm:::PM_POWER:NODE", "", ":::",
        ]
    )
    func others(name: String) { #expect(EnergyEvent(name) == nil) }
}

extension EnergyEventTests.Case {
    init(
        _ name: String,
        _ domain: String,
        _ joules: Double,
        _ hardware: String?,
        _ inTotal: Bool,
        _ description: String = ""
    ) {
        self.init(
            name: name,
            domain: domain,
            joules: joules,
            hardware: hardware,
            inTotal: inTotal,
            description: description
        )
    }
}
