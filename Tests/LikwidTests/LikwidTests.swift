import Metering
import ProbeTestKit
import Quantities
import Testing

@testable import Likwid

@Suite("likwid's access daemon")
struct LikwidTests {
    private func machine(_ script: String) throws -> TemporaryTree {
        let tree = try TemporaryTree()
        try play(tree, script)
        return tree
    }

    private func play(_ tree: TemporaryTree, _ script: String) throws {
        try tree.program("/likwid-powermeter", "[ \"$*\" = '-M 1 -s 500ms' ] || exit 1\n\(script)")
    }

    private func survey(_ name: String) throws -> (LikwidSurvey, TemporaryTree) {
        let tree = try machine("cat \(fixture(name)).txt")
        return (LikwidSurvey(path: tree.root), tree)
    }

    private func read(_ probe: inout LikwidProbe) throws -> [UInt64] {
        var readings = [RawReading](repeating: RawReading(raw: 77), count: probe.channels.count)
        var span = readings.mutableSpan
        try probe.read(into: &span)
        return readings.map(\.raw)
    }

    @Test("packages and their memory, as the counters that powercap reads")
    func sockets() throws {
        let (survey, tree) = try survey("two-sockets")
        defer { withExtendedLifetime(tree) {} }
        #expect(survey.availability == .ready)
        #expect(
            survey.channels.map(\.name) == [
                "likwid/package-0", "likwid/package-0/dram", "likwid/package-1", "likwid/package-1/dram",
            ]
        )
        #expect(survey.channels.map(\.device) == [.cpu, .memory, .cpu, .memory])
        #expect(survey.channels.map(\.hardware).first == "rapl/package-0")
        #expect(namingFaults(survey.channels) == [])
        var probe = LikwidProbe(survey)
        #expect(try read(&probe) == [117_785, 21_591, 99_958, 17_992])
    }

    @Test("the older form, without a memory that tells nothing")
    func older() throws {
        let (survey, tree) = try survey("older")
        defer { withExtendedLifetime(tree) {} }
        #expect(survey.channels.map(\.name) == ["likwid/package-0"])
        var probe = LikwidProbe(survey)
        #expect(try read(&probe) == [39_983])
    }

    @Test("a socket that vanishes is missing, as all are where the daemon fails")
    func missing() throws {
        let (survey, tree) = try survey("two-sockets")
        defer { withExtendedLifetime(tree) {} }
        var probe = LikwidProbe(survey)
        try play(tree, "cat \(fixture("older")).txt")
        let gone = RawReading.missing
        #expect(try read(&probe) == [39_983, 0, gone, gone])
        try play(tree, "cat \(fixture("two-sockets")).txt; exit 1")
        #expect(try read(&probe) == [gone, gone, gone, gone])
    }

    @Test("absent without the program; denied, with a remedy, where it gets no power")
    func availability() throws {
        guard case .absent(let reason) = LikwidSurvey(path: "/nowhere").availability else {
            Issue.record("not absent")
            return
        }
        #expect(reason.contains("likwid-powermeter"))
        let tree = try machine("echo 'ERROR: cannot connect to the daemon'; exit 1")
        guard case .denied(let remedy) = LikwidSurvey(path: tree.root).availability else {
            Issue.record("not denied")
            return
        }
        #expect(remedy.contains("access daemon") && remedy.contains("modprobe msr"))
    }

    @Test("keeps the contract of every probe")
    func contract() throws {
        let (survey, tree) = try survey("two-sockets")
        defer { withExtendedLifetime(tree) {} }
        let broken = try violations(below: tree.root, reads: 20) { LikwidProbe(survey) }
        #expect(broken == [])
    }
}
