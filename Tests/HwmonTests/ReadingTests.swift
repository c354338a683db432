import Metering
import ProbeTestKit
import SystemPackage
import Testing

@testable import Hwmon

@Suite("Reading hardware monitors")
struct ReadingTests {
    private func read(_ probe: inout HwmonProbe) -> [UInt64]? {
        var readings = [RawReading](repeating: RawReading(raw: 77), count: probe.channels.count)
        var span = readings.mutableSpan
        do throws(ProbeError) { try probe.read(into: &span) } catch { return nil }
        return readings.map(\.raw)
    }

    @Test(
        "keeps the contract of every probe",
        arguments: ["grace-hopper", "mi250x", "agx-orin", "arc-i915", "power9"]
    )
    func contract(name: String) throws {
        #expect(countsAllocations())
        let tree = try TemporaryTree(copyOf: fixture(name))
        let broken = try violations(below: tree.root, reads: 2000) {
            try HwmonProbe(HwmonSurvey.look(root: tree.root).sensors)
        }
        #expect(broken == [])
    }

    @Test("a rail's power is the product of its voltage and its current, in µW")
    func product() throws {
        let tree = try TemporaryTree(copyOf: fixture("orin-nano"))
        var probe = try HwmonProbe(HwmonSurvey.look(root: tree.root).sensors)
        #expect(read(&probe) == [5008 * 1120, 5000 * 280, 5000 * 256])
        try tree.write("/sys/class/hwmon/hwmon1/curr1_input", "2000\n")
        try tree.write("/sys/class/hwmon/hwmon1/curr2_input", "-8\n")
        try tree.write("/sys/class/hwmon/hwmon1/in3_input", "18446744073709551614\n")
        #expect(read(&probe) == [5008 * 2000, RawReading.missing, RawReading.missing])
    }

    @Test("a reading that fails is missing, and comes back")
    func comesBack() throws {
        let tree = try TemporaryTree(copyOf: fixture("arc-i915"))
        var probe = try HwmonProbe(HwmonSurvey.look(root: tree.root).sensors)
        try tree.write("/sys/class/hwmon/hwmon2/energy1_input", "")
        #expect(read(&probe) == [RawReading.missing, 5_100_000_000])
        try tree.write("/sys/class/hwmon/hwmon2/energy1_input", "7300000001\n")
        #expect(read(&probe) == [7_300_000_001, 5_100_000_000])
    }

    @Test("a sensor that goes between looking and opening is missing; without any the probe does not open")
    func goneBeforeOpening() throws {
        let tree = try TemporaryTree(copyOf: fixture("orin-nano"))
        let survey = HwmonSurvey.look(root: tree.root).sensors
        tree.remove("/sys/class/hwmon/hwmon1/curr1_input")
        var probe = try HwmonProbe(survey)
        #expect(read(&probe) == [RawReading.missing, 5000 * 280, 5000 * 256])
        tree.remove("/sys/class/hwmon/hwmon1")
        #expect(throws: ProbeError.self) { _ = try HwmonProbe(survey) }
    }

    /// A control group is a folder of the same kernel file system as `/sys`: its files end as a device's do.
    @Test("a device that the kernel takes away is missing from then on; the last one ends the probe")
    func hotRemoval() throws {
        guard let group = ControlGroup() else {
            try Test.cancel("no control group can be made here, and no other file ends as a device's does")
        }
        let tree = try TemporaryTree()
        try tree.write("/sys/class/hwmon/hwmon0/name", "i915\n")
        tree.link("/sys/class/hwmon/hwmon0/energy1_input", to: group.path + "/cgroup.freeze")
        var alone = try HwmonProbe(HwmonSurvey.look(root: tree.root).sensors)
        #expect(read(&alone) == [0])
        group.remove()
        #expect(read(&alone) == nil)
    }
}
