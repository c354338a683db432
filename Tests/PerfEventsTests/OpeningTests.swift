import Metering
import ProbeTestKit
import SystemPackage
import Testing

@testable import PerfEvents

/// Whether this process may count events of whole processors, the clock's at least.
let canCount: Bool = {
    guard let file = try? Event(type: 1, config: 0, processor: 0).open() else { return false }
    try? file.close()
    return true
}()

/// Whether it needs a right to do so, which it can lay down.
private let needsRight: Bool = withoutCapabilities {
    do {
        try Event(type: 1, config: 0, processor: 0).open().close()
        return false
    } catch {
        return error as? Errno == .permissionDenied
    }
}

@Suite("Opening energy events")
struct OpeningTests {
    private func reason(_ tree: TemporaryTree) -> String? {
        guard case .absent(let reason) = PerfEventsSurvey(root: tree.root).availability else { return nil }
        return reason
    }

    @Test("without the unit's folder it is absent, and what would make it is said")
    func noUnit() throws {
        #expect(try #require(reason(TemporaryTree())).contains("modprobe rapl"))
    }

    @Test(
        "another machine's files do not open this machine's counters",
        arguments: ["server", "laptop", "dies", "epyc"]
    )
    func otherMachine(name: String) throws {
        let tree = try TemporaryTree(copyOf: fixture(name))
        #expect(try #require(reason(tree)).contains("without a root"))
        #expect(PerfEventsSurvey(root: tree.root).channels.isEmpty)
    }

    @Test(
        "without the right it is denied, with the setting's value and the capability that helps",
        .enabled(if: needsRight)
    )
    func denied() throws {
        let survey = withoutCapabilities { PerfEventsSurvey(root: fixture("clock")) }
        guard case .denied(let remedy) = survey.availability else {
            Issue.record("\(survey.availability)")
            return
        }
        let value = try #require(FileTree(root: "/").line("/proc/sys/kernel/perf_event_paranoid"))
        #expect(remedy.contains("/proc/sys/kernel/perf_event_paranoid is \(value)."))
        #expect(remedy.contains("sudo setcap cap_perfmon=ep $(command -v wattbook)"))
        #expect(remedy.contains("sysctl kernel.perf_event_paranoid=0"))
        #expect(survey.channels.isEmpty)
    }

    @Test(
        "a probe that loses the right between looking and opening does not open",
        .enabled(if: canCount && needsRight)
    )
    func lostRight() {
        let survey = PerfEventsSurvey(root: fixture("clock"))
        let error = withoutCapabilities { #expect(throws: ProbeError.self) { _ = try PerfEventsProbe(survey) } }
        #expect(error?.errno == .permissionDenied && error?.consequence == .closeProbe)
    }

    @Test(
        "an event or processor that is not there is left out, and why",
        .enabled(if: canCount, "perf_event_open refuses events of whole processors here"),
        arguments: [("0xff", 0, "No such file or directory"), ("0x00", 99_999, "Invalid argument")]
    )
    func notThere(config: String, processor: Int, text: String) throws {
        let tree = try TemporaryTree(copyOf: fixture("clock"))
        let unit = EnergyUnit.folder + "/power"
        try tree.write("\(unit)/events/energy-pkg", "event=\(config)\n")
        try tree.write("\(unit)/cpumask", "\(processor)\n")
        let package = processor == 0 ? 0 : 1
        try tree.write("/sys/devices/system/cpu/cpu\(processor)/topology/physical_package_id", "\(package)\n")
        #expect(try #require(reason(tree)).contains(text))
        // Beside one that opens it is a warning of every run.
        try tree.write("\(unit)/cpumask", processor == 0 ? "0\n" : "0,\(processor)\n")
        try tree.write("\(unit)/events/energy-pkg", "event=0x00\n")
        for (end, line) in [("", "event=\(config)"), (".unit", "Joules"), (".scale", "1e-9")] {
            try tree.write("\(unit)/events/energy-ram" + end, line + "\n")
        }
        let survey = PerfEventsSurvey(root: tree.root)
        #expect(survey.availability == .ready)
        #expect(survey.channels.first?.name == "perf/package-0")
        #expect(!survey.channels.contains { $0.name.hasPrefix("perf/package-1") })
        #expect(!survey.warnings.isEmpty && survey.warnings.allSatisfy { $0.contains(text) })
    }

    @Test("a kernel that finds the attributes too long is asked again with their first version", .enabled(if: canCount))
    func tooLong() throws {
        let file = try Event(type: 1, config: 0, processor: 0).open(size: 8192)
        defer { try? file.close() }
        #expect(try file.readEvent().get().running > 0)
    }
}
