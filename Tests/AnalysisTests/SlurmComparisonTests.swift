import Analysis
import Ledger
import Metering
import Testing

@Suite("Beside Slurm's accounting")
struct SlurmComparisonTests {
    private static let header = SlurmRecord.format.replacing(",", with: "|")

    private func records(_ lines: String...) throws -> [SlurmRecord] {
        try #require(SlurmRecord.parse(([Self.header] + lines).joined(separator: "\n")))
    }

    @Test("lines are read by their header; what is not set is no number")
    func parsing() throws {
        let read = try records(
            "77|CANCELLED by 0|10|2026-02-28T23:59:55|2026-03-01T00:00:05|8|node[1-2,07]|1200",
            "77.batch|COMPLETED|10|Unknown|Unknown|8|node1|18446744073709551614",
            "77.0|FAILED|9|||1|None assigned|",
            "short"
        )
        #expect(read.map(\.id) == ["77", "77.batch", "77.0"])
        #expect(
            read[0].state == "CANCELLED" && read[0].joules == 1200 && read[0].nodes == ["node1", "node2", "node07"]
        )
        // Over the end of February of a year without a leap day.
        #expect(read[0].end.flatMap { end in read[0].start.map { end - $0 } } == 10)
        #expect(read[1].joules == nil && read[1].start == nil && read[2].joules == nil)
        #expect(SlurmRecord.parse("77|COMPLETED") == nil && SlurmRecord.parse("") == nil)
        #expect(SlurmRecord.parse("JobID|ConsumedEnergy\n5|4.58M")?.first?.joules == 4_580_000)
    }

    @Test("the job's line or the largest counts, never the sum; each attempt has its own")
    func attempts() throws {
        let lines = try records(
            "77|PREEMPTED|3|2026-11-26T01:00:00|2026-11-26T01:00:03|2|node1|",
            "77.batch|CANCELLED|3|2026-11-26T01:00:00|2026-11-26T01:00:03|2|node1|300",
            "77.0|FAILED|3|2026-11-26T01:00:00|2026-11-26T01:00:03|2|node1|320",
            "77|COMPLETED|100|2026-11-26T01:10:00|2026-11-26T01:11:40|2|node1|10400"
        )
        var part = SyntheticPart(nodes: "node1", ranks: 1, seconds: 100)
        part.watts = 100
        var run = try #require(try join([part]))
        run.start.job?.variables["SLURM_RESTART_COUNT"] = "1"
        let setup = SlurmEnergySetup(plugin: "rapl", period: 1)
        let found = slurmComparisons(job: "77", records: lines, runs: [run], setup: setup)
        #expect(found.map(\.slurmJoules) == [320, 10400] && found.map(\.restarts) == [0, 1])
        #expect(found[0].run == nil && found[0].belief == .slurm)
        #expect(found[1].difference.map { abs($0 - 400) < 1 } == true && found[1].belief == .either)
    }

    @Test("two jobs on one node get its whole energy each from Slurm, and that is told")
    func twice() throws {
        let lines = try records(
            "77|COMPLETED|100|2026-11-26T01:00:00|2026-11-26T01:01:40|1|node1|10000",
            "78|COMPLETED|100|2026-11-26T01:00:00|2026-11-26T01:01:40|1|node1|10010",
            "79|COMPLETED|100|2026-11-26T01:00:00|2026-11-26T01:01:40|1|node2|9000",
            "80|COMPLETED|100|2026-11-26T01:01:40|2026-11-26T01:03:20|1|node1|9000"
        )
        var part = SyntheticPart(nodes: "node1", ranks: 1, seconds: 100)
        part.share = NodeShare(
            processors: 1,
            onlineProcessors: 2,
            usedSeconds: 30,
            busySeconds: 120,
            source: .controlGroup
        )
        let run = try #require(try join([part], idle: 40))
        let found = slurmComparisons(job: "77", records: lines, runs: [run], setup: SlurmEnergySetup(plugin: "ipmi"))
        #expect(found.count == 1 && found[0].neighbours.map(\.job) == ["78"])
        #expect(found[0].reasons.mention("20010 J together") && found[0].belief == .ours)
        // 0.25 (10000 - 4000) + 0.5 x 4000.
        #expect(found[0].partJoules.map { abs($0 - 3500) < 1 } == true)
    }

    @Test("scope, missing parts, short jobs and jobs without joules each have their word")
    func reasons() throws {
        let lines = try records("77|COMPLETED|1000|2026-11-26T01:00:00|2026-11-26T01:16:40|8|node[1-4]|900000")
        let node = SlurmEnergySetup(plugin: "pm_counters", period: 1)
        let whole = try #require(try join(nodes(4) { $0.seconds = 1000 }))
        let scope = slurmComparisons(job: "77", records: lines, runs: [whole], setup: node)[0]
        #expect(scope.belief == .slurm && scope.reasons.mention("sees whole nodes"))
        let lacking = try #require(try join(nodes(4) { $0.seconds = 1000 }.dropLast()))
        let hole = slurmComparisons(job: "77", records: lines, runs: [lacking])[0]
        #expect(hole.belief == .slurm && hole.reasons.mention("node4"))
        let short = try records("77|COMPLETED|4|2026-11-26T01:00:00|2026-11-26T01:00:04|8|node[1-4]|900")
        #expect(slurmComparisons(job: "77", records: short, runs: [whole])[0].reasons.mention("Slurm reads every 1 s"))
        let none = try records("77|COMPLETED|4|2026-11-26T01:00:00|2026-11-26T01:00:04|8|node[1-4]|0")
        #expect(slurmComparisons(job: "77", records: none, runs: [whole])[0].belief == .ours)
        #expect(slurmComparisons(job: "77", records: none, runs: [])[0].belief == .neither)
        #expect(slurmComparisons(job: "5", records: lines, runs: []).isEmpty)
    }
}
