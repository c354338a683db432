import Metering
import ProbeTestKit
import Quantities
import Testing

@testable import Hwmon

@Suite("What the hardware monitors of recorded forms of machines offer")
struct SurveyTests {
    private func look(_ name: String) -> HwmonSurvey { HwmonSurvey.look(root: fixture(name)).sensors }

    private func total(_ survey: HwmonSurvey) -> [String] { survey.channels.filter(\.inTotal).map(\.name) }

    private func outer(_ survey: HwmonSurvey) -> [String: String] {
        Dictionary(uniqueKeysWithValues: survey.channels.compactMap { one in one.containedIn.map { (one.name, $0) } })
    }

    @Test(
        "names are unique and nothing counts twice",
        arguments: [
            "grace-hopper", "grace-superchip", "mi250x", "orin-nano", "agx-orin", "arc-i915", "battlemage-xe",
            "power9", "occ", "zenergy",
        ]
    )
    func names(name: String) {
        let survey = look(name)
        #expect(survey.availability == .ready && survey.warnings == [])
        #expect(namingFaults(survey.channels) == [])
    }

    @Test("Grace Hopper: the module alone is the total; it contains grace, which contains its processor")
    func graceHopper() {
        let survey = look("grace-hopper")
        #expect(total(survey) == ["hwmon/power_meter/Module-Power-Socket-0"])
        #expect(
            outer(survey) == [
                "hwmon/power_meter/Grace-Power-Socket-0": "hwmon/power_meter/Module-Power-Socket-0",
                "hwmon/power_meter/CPU-Power-Socket-0": "hwmon/power_meter/Grace-Power-Socket-0",
                "hwmon/power_meter/SysIO-Power-Socket-0": "hwmon/power_meter/Grace-Power-Socket-0",
            ]
        )
        let module = survey.channels.first { $0.inTotal }
        #expect(module?.device == .platform && module?.domain == "module")
        #expect(module?.kind == .power(wattsPerCount: 1e-6, window: Seconds(0.05)))
    }

    @Test("Grace without a GPU: each socket's own power is the total")
    func graceSuperchip() {
        let survey = look("grace-superchip")
        #expect(total(survey) == (0...1).map { "hwmon/power_meter/Grace-Power-Socket-\($0)" })
        #expect(survey.channels.filter(\.inTotal).allSatisfy { $0.device == .cpu })
        #expect(outer(survey).count == 4)
    }

    @Test("MI250X: of two dies the first speaks for the module, by address and not by number")
    func dies() {
        let survey = look("mi250x")
        #expect(
            total(survey) == ["c1", "c9", "d1", "d9"].map { "hwmon/amdgpu/PPT@0000:\($0):00.0" }
        )
        #expect(outer(survey)["hwmon/amdgpu/PPT@0000:c6:00.0"] == "hwmon/amdgpu/PPT@0000:c1:00.0")
        #expect(survey.channels.count == 8 && outer(survey).count == 4)
        #expect(survey.gpuNames == Array(repeating: "AMD GPU 0x7408", count: 8))
    }

    @Test("a second die that shows power of its own is added: only a module's first die does")
    func dieOfItsOwn() throws {
        let tree = try TemporaryTree(copyOf: fixture("mi250x"))
        try tree.write("/sys/class/hwmon/hwmon3/power1_average", "80000000\n")
        #expect(total(HwmonSurvey.look(root: tree.root).sensors).count == 5)
        // Any other GPU that shows 0 is no part of its neighbour.
        try tree.write("/sys/class/hwmon/hwmon3/power1_average", "0\n")
        try tree.write("/sys/bus/pci/devices/0000:c6:00.0/device", "0x740f\n")
        let other = HwmonSurvey.look(root: tree.root).sensors
        #expect(total(other).count == 5)
        #expect(other.channels[1].note == "showed 0 W when it was looked at")
    }

    @Test("an APU's power is the package's, which another interface may count too; a card beside it is none")
    func apu() throws {
        let tree = try TemporaryTree()
        for (i, slot) in ["0000:03:00.0", "0000:c4:00.0"].enumerated() {
            let folder = "/sys/class/hwmon/hwmon\(i)"
            for (file, text) in [("name", "amdgpu"), ("power1_input", "11000000"), ("power1_label", "PPT")] {
                try tree.write("\(folder)/\(file)", text + "\n")
            }
            try tree.write("/devices/\(slot)/device", "0x744c\n")
            tree.link(folder + "/device", to: "../../../../devices/" + slot)
        }
        try tree.write("/devices/0000:03:00.0/unique_id", "a1b2c3\n")
        try tree.write("/sys/class/hwmon/hwmon1/in1_label", "vddnb\n")
        let channels = HwmonSurvey.look(root: tree.root).sensors.channels
        #expect(channels.map(\.device) == [.gpu, .platform])
        #expect(channels.map(\.hardware) == ["gpu/GPU-a1b2c3", "rapl/package-0"])
        #expect(channels[1].note?.contains("processor") == true)
    }

    @Test("Jetson: VDD_IN contains the other rails; AGX Orin's total is the sum of three")
    func jetson() {
        let nano = look("orin-nano")
        #expect(total(nano) == ["hwmon/ina3221/VDD_IN"])
        #expect(Set(outer(nano).values) == ["hwmon/ina3221/VDD_IN"] && nano.channels.count == 3)
        #expect(nano.channels[0].device == .platform && nano.channels[0].domain == "module")
        let agx = look("agx-orin")
        #expect(total(agx) == ["VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0"].map { "hwmon/ina3221/" + $0 })
        #expect(agx.channels.map(\.device) == [.gpu, .cpu, .platform, .platform])
    }

    @Test("rails of an unknown board are shown and not added, with a warning")
    func unknownBoard() throws {
        let tree = try TemporaryTree(copyOf: fixture("agx-orin"))
        try tree.write("/sys/class/hwmon/hwmon3/in1_label", "VDD_SURPRISE\n")
        let survey = HwmonSurvey.look(root: tree.root).sensors
        #expect(total(survey) == [] && survey.channels.count == 4 && survey.availability == .ready)
        #expect(survey.warnings.count == 1 && survey.warnings[0].contains("VDD_SURPRISE"))
    }

    @Test("the older layout of Jetson's rails tells milliwatts")
    func olderJetson() throws {
        let tree = try TemporaryTree()
        let folder = "/sys/bus/i2c/drivers/ina3221x/1-0040/iio:device0"
        for (i, rail) in ["VDD_IN", "VDD_SYS_GPU", "VDD_SYS_CPU"].enumerated() {
            try tree.write("\(folder)/rail_name_\(i)", rail + "\n")
            try tree.write("\(folder)/in_power\(i)_input", "\(1000 * (3 - i))\n")
        }
        try tree.write("/sys/class/hwmon/hwmon0/name", "thermal\n")
        let survey = HwmonSurvey.look(root: tree.root).sensors
        #expect(total(survey) == ["hwmon/ina3221x/VDD_IN"])
        #expect(survey.channels[0].kind == .power(wattsPerCount: 1e-3, window: Seconds(0)))
    }

    @Test("Intel: the tile and the package lie in the card")
    func intel() {
        let arc = look("arc-i915")
        #expect(total(arc) == ["hwmon/i915/card"])
        #expect(outer(arc) == ["hwmon/i915_gt0/tile": "hwmon/i915/card"])
        #expect(arc.gpuNames == ["Intel GPU 0x56a0"])
        let xe = look("battlemage-xe")
        #expect(total(xe) == ["hwmon/xe/card"] && outer(xe) == ["hwmon/xe/pkg": "hwmon/xe/card"])
    }

    @Test("xe before 6.8 counts the package alone")
    func xePackage() throws {
        let tree = try TemporaryTree(copyOf: fixture("battlemage-xe"))
        tree.remove("/sys/class/hwmon/hwmon1/energy1_input")
        #expect(total(HwmonSurvey.look(root: tree.root).sensors) == ["hwmon/xe/pkg"])
    }

    @Test("POWER9: the system's energy is the total, of the node; processors lie in it, and their supplies in them")
    func power9() {
        let survey = look("power9")
        #expect(total(survey) == ["hwmon/ibmpowernv/System"])
        #expect(survey.channels[0].device == .node)
        #expect(survey.channels.allSatisfy { $0.kind == .energyCounter(joulesPerCount: 1e-6, range: nil) })
        #expect(outer(survey)["hwmon/ibmpowernv/Chip-8"] == "hwmon/ibmpowernv/System")
        #expect(outer(survey)["hwmon/ibmpowernv/Chip-8-Vdd"] == "hwmon/ibmpowernv/Chip-8")
        let occ = look("occ")
        #expect(total(occ) == ["hwmon/occ/system"] && outer(occ)["hwmon/occ/vdn"] == "hwmon/occ/proc")
        #expect(occ.channels[0].kind == .power(wattsPerCount: 1e-6, window: Seconds(0.0005)))
    }

    @Test("a switched-off system leaves the total to the processors")
    func switchedOff() throws {
        let tree = try TemporaryTree(copyOf: fixture("power9"))
        for kind in ["energy", "power"] { try tree.write("/sys/class/hwmon/hwmon0/\(kind)1_enable", "0\n") }
        let survey = HwmonSurvey.look(root: tree.root).sensors
        #expect(total(survey) == ["hwmon/ibmpowernv/Chip-0", "hwmon/ibmpowernv/Chip-8"])
        #expect(survey.notes.contains { $0.contains("switched off") })
    }

    @Test("zenergy: sockets are the counters of RAPL; cores are parts that are not read")
    func zenergy() {
        let survey = look("zenergy")
        #expect(total(survey) == ["hwmon/zenergy/Esocket0", "hwmon/zenergy/Esocket1"])
        #expect(survey.channels.map(\.hardware) == ["rapl/package-0", "rapl/package-1"])
        #expect(survey.notes.contains { $0.contains("8 cores") })
    }

    @Test("a server's power meter is of the whole node; what is not known is named and not read")
    func server() throws {
        let found = HwmonSurvey.look(root: fixture("server"))
        #expect(found.meters.channels.map(\.name) == ["hwmon/power_meter/node"])
        #expect(found.meters.channels[0].device == .node && found.meters.channels[0].inTotal)
        #expect(found.meters.channels[0].kind == .power(wattsPerCount: 1e-6, window: Seconds(1)))
        #expect(found.sensors.channels == [])
        #expect(found.sensors.notes.contains { $0.contains("(corsairpsu) is not read") })
        let tree = try TemporaryTree(copyOf: fixture("server"))
        try tree.write("/sys/class/hwmon/hwmon2/device/power1_is_battery", "1\n")
        #expect(HwmonSurvey.look(root: tree.root).meters.channels == [])
    }

    @Test("two meters that do not say what they see are not added")
    func twoMeters() throws {
        let tree = try TemporaryTree(copyOf: fixture("server"))
        try tree.write("/sys/class/hwmon/hwmon5/name", "power_meter\n")
        try tree.write("/sys/class/hwmon/hwmon5/power1_average", "5000000\n")
        let meters = HwmonSurvey.look(root: tree.root).meters
        #expect(meters.channels.count == 2 && meters.channels.allSatisfy { !$0.inTotal })
        #expect(meters.warnings.count == 1 && namingFaults(meters.channels) == [])
    }

    @Test("links as on a real machine: the class folder's, and the device's back up")
    func links() throws {
        let tree = try TemporaryTree()
        for (i, slot) in ["0000:43:00.0", "0000:03:00.0"].enumerated() {
            let device = "/sys/devices/pci0000:00/\(slot)"
            try tree.write("\(device)/device", "0x74a1\n")
            try tree.write("\(device)/hwmon/hwmon\(i)/name", "amdgpu\n")
            try tree.write("\(device)/hwmon/hwmon\(i)/power1_input", "\(i + 1)00000000\n")
            tree.link("\(device)/hwmon/hwmon\(i)/device", to: "../../../\(slot)")
            tree.link("/sys/class/hwmon/hwmon\(i)", to: "../../devices/pci0000:00/\(slot)/hwmon/hwmon\(i)")
        }
        let survey = HwmonSurvey.look(root: tree.root).sensors
        #expect(
            survey.channels.map(\.name)
                == ["hwmon/amdgpu/power1@0000:03:00.0", "hwmon/amdgpu/power1@0000:43:00.0"]
        )
        #expect(survey.channels[0].source == "/sys/class/hwmon/hwmon1/power1_input")
        #expect(survey.channels.map(\.hardware) == ["gpu/0000:03:00.0", "gpu/0000:43:00.0"])
    }

    @Test("no folder, and a folder without sensors of power, are absent")
    func absent() throws {
        let tree = try TemporaryTree()
        for _ in 0..<2 {
            let found = HwmonSurvey.look(root: tree.root)
            for survey in [found.sensors, found.meters] {
                guard case .absent(let reason) = survey.availability else {
                    Issue.record("not absent")
                    continue
                }
                #expect(reason.contains("/sys/class/hwmon"))
            }
            try tree.write("/sys/class/hwmon/hwmon0/name", "coretemp\n")
        }
    }

    @Test("counters that only root may read are denied, with what to type", .enabled(if: canBeUnprivileged))
    func denied() throws {
        let tree = try TemporaryTree(copyOf: fixture("zenergy"))
        for number in 9...10 { tree.mode("/sys/class/hwmon/hwmon4/energy\(number)_input", 0) }
        let survey = asNobody { HwmonSurvey.look(root: tree.root).sensors }
        guard case .denied(let remedy) = survey.availability else {
            Issue.record("not denied")
            return
        }
        #expect(remedy.contains("chgrp energy /sys/class/hwmon/hwmon4/energy9_input"))
    }
}
