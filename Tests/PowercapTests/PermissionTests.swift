import Metering
import Powercap
import ProbeTestKit
import Testing

@Suite("Powercap trees that may not be read, or that hide their zones")
struct PermissionTests {
    @Test("no tree is absent, and says what would make one")
    func noTree() throws {
        let tree = try TemporaryTree()
        guard case .absent(let reason) = PowercapSurvey(root: tree.root).availability else {
            Issue.record("not absent")
            return
        }
        #expect(reason.contains("/sys/class/powercap") && reason.contains("modprobe"))
    }

    @Test("an empty folder and links that lead nowhere are absent: a container hides them")
    func masked() throws {
        let tree = try TemporaryTree()
        try tree.write("/sys/class/powercap/uevent", "")
        for root in [tree.root, fixture("masked"), fixture("container")] {
            let survey = PowercapSurvey(root: root)
            guard case .absent(let reason) = survey.availability else {
                Issue.record("not absent")
                return
            }
            #expect(reason.contains("container"))
            #expect(survey.channels.isEmpty)
        }
    }

    @Test(
        "counters that only root may read are denied, with a remedy that gives nobody else a right",
        .enabled(if: canBeUnprivileged)
    )
    func denied() throws {
        let tree = try TemporaryTree()
        for id in ["intel-rapl:0", "intel-rapl:0:0"] {
            tree.mode(try tree.zone(id, id == "intel-rapl:0" ? "package-0" : "dram") + "/energy_uj", 0o400)
        }
        tree.mode("/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/energy_uj", 0)
        tree.mode("/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/intel-rapl:0:0/energy_uj", 0)
        let survey = asNobody { PowercapSurvey(root: tree.root) }
        guard case .denied(let remedy) = survey.availability else {
            Issue.record("\(survey.availability)")
            return
        }
        #expect(remedy.contains("chmod 0440") && remedy.contains("chgrp energy") && remedy.contains("udevadm trigger"))
        #expect(!remedy.contains("666") && !remedy.contains("777") && !remedy.contains("o+r"))
        #expect(survey.channels.isEmpty)
        #expect(survey.notes.contains { $0.contains("package-0/dram") && $0.contains("cannot be read") })
    }

    @Test(
        "a name does not change with permissions, and what cannot be read is a warning",
        .enabled(if: canBeUnprivileged)
    )
    func partlyDenied() throws {
        let tree = try TemporaryTree()
        for socket in 0..<2 {
            tree.mode(
                try tree.zone("intel-rapl:\(socket)", "package-\(socket)") + "/energy_uj",
                socket == 0 ? 0 : 0o444
            )
            try tree.zone("intel-rapl:\(socket):0", "dram")
        }
        let survey = asNobody { PowercapSurvey(root: tree.root) }
        #expect(survey.availability == .ready)
        #expect(
            survey.channels.map(\.name) == ["powercap/package-0/dram", "powercap/package-1", "powercap/package-1/dram"]
        )
        #expect(survey.warnings.count == 1)
        #expect(survey.warnings.first?.contains("package-0") == true)
        #expect(survey.notes.last?.contains("mode 0440") == true)
        #expect(namingFaults(survey.channels) == [])
    }

    @Test("zones whose folders are closed are denied, not absent", .enabled(if: canBeUnprivileged))
    func closedFolders() throws {
        let tree = try TemporaryTree()
        tree.mode(try tree.zone("intel-rapl:0", "package-0"), 0)
        let zones = asNobody { PowercapSurvey(root: tree.root).availability }
        tree.mode("/sys/class/powercap", 0)
        let folder = asNobody { PowercapSurvey(root: tree.root).availability }
        for availability in [zones, folder] {
            guard case .denied = availability else {
                Issue.record("\(availability)")
                continue
            }
        }
    }

    @Test(
        "a counter that opens and gives no number is left out",
        arguments: ["", "n/a\n", "99999999999999999999999\n", "-5\n"]
    )
    func noNumber(text: String) throws {
        let tree = try TemporaryTree()
        try tree.write(try tree.zone("intel-rapl:0", "package-0") + "/energy_uj", text)
        try tree.zone("intel-rapl:1", "package-1")
        let survey = PowercapSurvey(root: tree.root)
        #expect(survey.channels.map(\.name) == ["powercap/package-1"])
        #expect(survey.warnings.count == 1)
    }
}
