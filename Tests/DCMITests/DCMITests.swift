import Metering
import ProbeTestKit
import Quantities
import Testing

@testable import DCMI

@Suite("The board's controller through ipmitool")
struct DCMITests {
    /// A machine with a device, and a stand-in for the tool that plays a file.
    private func machine(_ answer: String = "220W", device: String = "/dev/ipmi0") throws -> TemporaryTree {
        let tree = try TemporaryTree()
        try tree.write(device, "")
        try play(tree, "cat \(fixture(answer)).txt")
        return tree
    }

    private func play(_ tree: TemporaryTree, _ script: String) throws {
        try tree.program("/bin/ipmitool", "[ \"$*\" = 'dcmi power reading' ] || exit 1\n\(script)")
    }

    private func survey(_ tree: TemporaryTree) -> DCMISurvey {
        DCMISurvey(root: tree.root, path: tree.root + "/bin")
    }

    private func read(_ probe: inout DCMIProbe) throws -> UInt64 {
        var readings = [RawReading(raw: 77)]
        var span = readings.mutableSpan
        try probe.read(into: &span)
        return readings[0].raw
    }

    @Test(
        "whole watts of the node, averaged over the sampling period",
        arguments: [
            "/dev/ipmi0", "/dev/ipmi/0", "/dev/ipmidev/0",
        ]
    )
    func ready(device: String) throws {
        let tree = try machine(device: device)
        defer { withExtendedLifetime(tree) {} }
        let survey = survey(tree)
        #expect(survey.availability == .ready && survey.notes == [])
        let channel = try #require(survey.channels.first)
        #expect(channel.name == "dcmi/node" && channel.device == .node && channel.source == device)
        #expect(channel.kind == .power(wattsPerCount: 1, window: Seconds(5)))
        var probe = DCMIProbe(survey)
        #expect(try read(&probe) == 220)
    }

    @Test("a sampling period of weeks is that of the statistics")
    func statistics() throws {
        let survey = survey(try machine("statistics"))
        #expect(survey.channels.first?.kind == .power(wattsPerCount: 1, window: Seconds(1)))
        #expect(survey.notes.count == 1 && survey.notes[0].contains("2685198 s"))
    }

    @Test(
        "a controller that tells no power is absent, and why",
        arguments: [
            ("deactivated", "activated"), ("zero", "activated"), ("refused", "no power"), ("nothing", "no power"),
        ]
    )
    func absent(answer: String, word: String) throws {
        guard case .absent(let reason) = survey(try machine(answer)).availability else {
            Issue.record("not absent")
            return
        }
        #expect(reason.contains(word))
    }

    @Test("without a device or the tool nothing is started")
    func nothing() throws {
        let tree = try machine()
        try play(tree, "touch \(tree.root)/started")
        tree.remove("/dev")
        guard case .absent(let reason) = survey(tree).availability else {
            Issue.record("not absent")
            return
        }
        #expect(reason.contains("/dev/ipmi0") && !FileTree(root: tree.root).exists("/started"))
        try tree.write("/dev/ipmi0", "")
        guard case .absent(let other) = DCMISurvey(root: tree.root, path: "/nowhere").availability else {
            Issue.record("not absent")
            return
        }
        #expect(other.contains("ipmitool"))
    }

    @Test("a device of root's is denied, with a warning of what its right means", .enabled(if: canBeUnprivileged))
    func denied() throws {
        let tree = try machine()
        tree.mode("/dev/ipmi0", 0o600)
        guard case .denied(let remedy) = asNobody({ survey(tree) }).availability else {
            Issue.record("not denied")
            return
        }
        #expect(remedy.contains("switch the node off") && remedy.contains("0660") && !remedy.contains("0666"))
    }

    @Test("an answer that fails, is cut or absurd is missing, and the next one is not")
    func missing() throws {
        let tree = try machine()
        defer { withExtendedLifetime(tree) {} }
        var probe = DCMIProbe(survey(tree))
        for script in ["exit 1", "echo", "cat \(fixture("deactivated")).txt", "echo 'Instantaneous power reading:  '"] {
            try play(tree, script)
            #expect(try read(&probe) == RawReading.missing)
        }
        try play(tree, "echo '  Instantaneous power reading: 7 Watts'")
        #expect(try read(&probe) == 7)
    }

    @Test("keeps the contract of every probe")
    func contract() throws {
        let tree = try machine()
        defer { withExtendedLifetime(tree) {} }
        let survey = survey(tree)
        #expect(try violations(below: tree.root, reads: 20) { DCMIProbe(survey) } == [])
    }
}
