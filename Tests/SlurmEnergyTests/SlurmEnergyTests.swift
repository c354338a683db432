import Metering
import ProbeTestKit
import Quantities
import Testing

@testable import SlurmEnergy

@Suite("Slurm's own energy of the running step")
struct SlurmEnergyTests {
    /// Stand-ins for Slurm's programs: the configuration is a fixture, the answers are files.
    private func slurm(_ configuration: String, sstat: String = "402\n", sacct: String = "\n") throws -> TemporaryTree {
        let tree = try TemporaryTree()
        try tree.write("/sstat.txt", sstat)
        try tree.write("/sacct.txt", sacct)
        try tree.program("/scontrol", "[ \"$*\" = 'show config' ] && cat \(fixture("config-" + configuration)).txt")
        for tool in ["sstat", "sacct"] {
            let wanted = "-j 17.0 -n -P --format=ConsumedEnergyRaw"
            try tree.program("/" + tool, "[ \"$*\" = '\(wanted)' ] && cat \(tree.root)/\(tool).txt")
        }
        return tree
    }

    private func survey(_ tree: TemporaryTree, _ more: [String: String] = [:]) -> SlurmEnergySurvey {
        let job = ["SLURM_JOB_ID": "17", "SLURM_STEP_ID": "0", "PATH": tree.root + ":/usr/bin:/bin"]
        return SlurmEnergySurvey(environment: job.merging(more) { _, new in new })
    }

    private func reason(_ survey: SlurmEnergySurvey) -> String? {
        guard case .absent(let reason) = survey.availability else { return nil }
        return reason
    }

    private func read(_ probe: inout SlurmEnergyProbe) throws -> UInt64 {
        var readings = [RawReading(raw: 77)]
        var span = readings.mutableSpan
        try probe.read(into: &span)
        return readings[0].raw
    }

    private func joules(_ text: String) -> UInt64? { SlurmJoules.largest(Array(text.utf8).span) }

    @Test(
        "what the plugin sees, how often, and what a reader must know",
        arguments: [
            ("rapl", Device.cpu, 10.0, "package and memory"), ("ipmi", .node, 20, "whole nodes"),
            ("gpu", .gpu, 30, "acct_gather_energy/gpu"),
        ]
    )
    func plugins(name: String, device: Device, period: Double, word: String) throws {
        let tree = try slurm(name)
        defer { withExtendedLifetime(tree) {} }
        let survey = survey(tree)
        #expect(survey.availability == .ready && survey.cadence == Seconds(period))
        let channel = try #require(survey.channels.first)
        #expect(channel.name == "slurm/step" && channel.device == device && channel.updatePeriod == Seconds(period))
        #expect(channel.note?.contains(word) == true && channel.maximumPower == Watts(100_000))
        #expect(survey.warnings.contains { $0.contains("whole nodes") })
        #expect(survey.warnings.contains { $0.contains("AMD") } == (name == "gpu"))
        var probe = SlurmEnergyProbe(survey)
        #expect(try read(&probe) == 402)
    }

    @Test("without a plugin, a job, the programs or an answer it is absent, and why")
    func absent() throws {
        #expect(reason(survey(try slurm("none")))?.contains("none") == true)
        #expect(reason(survey(try slurm("null")))?.contains("none") == true)
        #expect(reason(SlurmEnergySurvey(environment: ["PATH": "/bin"]))?.contains("no Slurm job") == true)
        #expect(reason(survey(try slurm("rapl", sstat: "\n")))?.contains("17.0") == true)
        let tree = try slurm("rapl")
        #expect(reason(survey(tree, ["PATH": "/nowhere"]))?.contains("PATH") == true)
        try tree.program("/scontrol", "exit 1")
        #expect(reason(survey(tree))?.contains("scontrol") == true)
    }

    @Test("outside of a job nothing is started")
    func outside() throws {
        let tree = try slurm("rapl")
        try tree.program("/scontrol", "touch \(tree.root)/started")
        _ = SlurmEnergySurvey(environment: ["PATH": tree.root])
        #expect(!FileTree(root: tree.root).exists("/started"))
    }

    @Test("steps, batch scripts and interactive ones, and their nodes")
    func steps() {
        func step(_ variables: [String: String]) -> SlurmStep? {
            SlurmStep(variables.merging(["SLURM_JOB_ID": "9", "SLURM_JOB_NUM_NODES": "4"]) { own, _ in own })
        }
        #expect(step(["SLURM_STEP_ID": "3"])?.id == "9.3" && step(["SLURM_STEP_ID": "3"])?.nodes == 4)
        #expect(step(["SLURM_STEP_ID": "3", "SLURM_STEP_NUM_NODES": "2"])?.nodes == 2)
        #expect(step([:])?.id == "9.batch" && step([:])?.nodes == 1)
        #expect(step(["SLURM_STEP_ID": "4294967291"])?.id == "9.batch")
        #expect(step(["SLURM_STEP_ID": "4294967290"])?.id == "9.interactive")
        #expect(step(["SLURM_JOB_ID": "9; rm"]) == nil && step(["SLURM_JOB_ID": ""]) == nil)
    }

    @Test("a step of several nodes says so")
    func nodes() throws {
        let survey = survey(try slurm("ipmi"), ["SLURM_STEP_NUM_NODES": "4"])
        #expect(survey.channels.first?.maximumPower == Watts(400_000))
        #expect(survey.warnings.contains { $0.contains("all 4 nodes") })
    }

    @Test(
        "numbers and their short forms; of several lines the largest",
        arguments: [
            ("402\n", 402), ("402|\n", 402), ("4.58M\n", 4_580_000), ("1K", 1000), ("2.5G", 2_500_000_000),
            ("402\n322\n\n", 402), ("\n0\n7\n", 7),
        ] as [(String, UInt64)]
    )
    func numbers(text: String, value: UInt64) { #expect(joules(text) == value) }

    @Test(
        "what is refused: empty, 0, the words for \"not set\", and what nobody ever drew",
        arguments: [
            "", "\n", "0\n", "18446744073709551614\n", "18446744073709551615", "18446744073709551613", "4294967294",
            "9223372036854775807", "16.00E", "18446.74P", "-5", "N/A", "402 J",
        ]
    )
    func refused(text: String) { #expect(joules(text) == nil) }

    @Test("sacct answers where sstat has nothing; a fall is missing")
    func fallback() throws {
        let tree = try slurm("rapl", sstat: "0\n", sacct: "350\n")
        defer { withExtendedLifetime(tree) {} }
        var probe = SlurmEnergyProbe(survey(tree))
        #expect(try read(&probe) == 350)
        try tree.write("/sstat.txt", "")
        #expect(try read(&probe) == 350)
        try tree.write("/sstat.txt", "500\n")
        #expect(try read(&probe) == 500)
        try tree.write("/sstat.txt", "499\n")
        #expect(try read(&probe) == RawReading.missing)
        try tree.write("/sstat.txt", "18446744073709551614\n")
        try tree.write("/sacct.txt", "0\n")
        #expect(try read(&probe) == RawReading.missing)
    }

    @Test("an absurd rise gives no joules; the rest of the run does")
    func absurdRate() throws {
        let tree = try slurm("rapl")
        defer { withExtendedLifetime(tree) {} }
        var probe = SlurmEnergyProbe(survey(tree))
        var trace = Trace(channels: probe.channels)
        // 100 W but for one jump of 50 MJ within ten seconds.
        for tick in 0...6 {
            try tree.write("/sstat.txt", "\(1000 + 1000 * tick + (tick > 3 ? 50_000_000 : 0))\n")
            trace.before.append(Int64(tick) * 10_000_000_000)
            trace.after.append(Int64(tick) * 10_000_000_000)
            trace.columns[0].append(try read(&probe))
        }
        let energy = Metering.account(traces: [trace], start: 0, end: 60_000_000_000, marks: Marks())
        #expect(energy.channels[0].resets == 1)
        #expect(abs(try #require(energy.total.joules).value - 6000) < 1)
    }

    @Test("keeps the contract of every probe")
    func contract() throws {
        let tree = try slurm("rapl", sstat: "0\n", sacct: "7\n")
        defer { withExtendedLifetime(tree) {} }
        let survey = survey(tree)
        #expect(try violations(below: tree.root, reads: 20) { SlurmEnergyProbe(survey) } == [])
    }
}
