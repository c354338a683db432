import Metering
import ProbeTestKit
import Quantities
import SystemPackage
import Testing

@testable import Powercap

@Suite("Reading powercap counters")
struct ReadingTests {
    /// One read of a probe: the counts, or `nil` where it throws.
    private func read(_ probe: inout PowercapProbe) -> [UInt64]? {
        var readings = [RawReading](repeating: RawReading(raw: 77), count: probe.channels.count)
        var span = readings.mutableSpan
        do throws(ProbeError) { try probe.read(into: &span) } catch { return nil }
        return readings.map(\.raw)
    }

    @Test(
        "keeps the contract of every probe, on both kinds of tree",
        arguments: ["server", "laptop", "amd", "dies", "haswell-laptop", "ivy-bridge"]
    )
    func contract(name: String) throws {
        #expect(countsAllocations())
        let tree = try TemporaryTree(copyOf: fixture(name))
        let broken = try violations(below: tree.root) { try PowercapProbe(PowercapSurvey(root: tree.root)) }
        #expect(broken == [])
    }

    @Test("keeps it where counters fail at every read")
    func contractOfFailure() throws {
        let tree = try TemporaryTree()
        let folder = try tree.zone("intel-rapl:0", "package-0")
        try tree.zone("intel-rapl:1", "package-1")
        let survey = PowercapSurvey(root: tree.root)
        try tree.write(folder + "/energy_uj", "")
        let broken = try violations(below: tree.root) { try PowercapProbe(survey) }
        #expect(broken == [])
    }

    @Test("sees a counter move without opening it again")
    func moves() throws {
        let tree = try TemporaryTree()
        let folder = try tree.zone("intel-rapl:0", "package-0", energy: 123)
        var probe = try PowercapProbe(PowercapSurvey(root: tree.root))
        #expect(read(&probe) == [123])
        try tree.write(folder + "/energy_uj", "262143328850\n")
        #expect(read(&probe) == [262_143_328_850])
        tree.remove(folder)
        #expect(read(&probe) == [262_143_328_850])
    }

    @Test("a read that fails is missing, and the counter comes back")
    func comesBack() throws {
        let tree = try TemporaryTree()
        let folder = try tree.zone("intel-rapl:0", "package-0")
        try tree.zone("intel-rapl:1", "package-1", energy: 5)
        var probe = try PowercapProbe(PowercapSurvey(root: tree.root))
        for text in ["", "what\n"] {
            try tree.write(folder + "/energy_uj", text)
            #expect(read(&probe) == [RawReading.missing, 5])
        }
        try tree.write(folder + "/energy_uj", "8\n")
        #expect(read(&probe) == [8, 5])
    }

    @Test("a zone that goes between looking and opening is missing; without any the probe does not open")
    func goneBeforeOpening() throws {
        let tree = try TemporaryTree()
        let first = try tree.zone("intel-rapl:0", "package-0")
        let second = try tree.zone("intel-rapl:1", "package-1", energy: 5)
        let survey = PowercapSurvey(root: tree.root)
        tree.remove(first)
        var probe = try PowercapProbe(survey)
        #expect(read(&probe) == [RawReading.missing, 5])
        tree.remove(second)
        #expect(throws: ProbeError.self) { _ = try PowercapProbe(survey) }
    }

    @Test("the kernel's word for a device that was taken away ends a domain; any other error may pass")
    func gone() {
        #expect(PowercapProbe.isGone(Errno(rawValue: 19)))  // ENODEV
        for number: CInt in [5, 6, 11, 13, 61] { #expect(!PowercapProbe.isGone(Errno(rawValue: number))) }
    }

    /// A control group is a folder of the same kernel file system as `/sys`: its files end as a zone's do.
    @Test("a domain that the kernel takes away is missing from then on; the last one ends the probe")
    func hotRemoval() throws {
        guard let group = ControlGroup() else {
            try Test.cancel("no control group can be made here, and no other file ends as a zone's does")
        }
        let tree = try TemporaryTree()
        let folder = try tree.zone("intel-rapl:0", "package-0", energy: nil)
        tree.link(folder + "/energy_uj", to: group.path + "/cgroup.freeze")
        try tree.zone("intel-rapl:1", "package-1", energy: 5)
        var both = try PowercapProbe(PowercapSurvey(root: tree.root))
        tree.remove("/sys/class/powercap/intel-rapl:1")
        tree.remove("/sys/devices/virtual/powercap/intel-rapl/intel-rapl:1")
        var alone = try PowercapProbe(PowercapSurvey(root: tree.root))
        #expect(read(&both) == [0, 5])
        #expect(read(&alone) == [0])
        group.remove()
        for _ in 0..<3 { #expect(read(&both) == [RawReading.missing, 5]) }
        #expect(read(&alone) == nil)
    }
}
