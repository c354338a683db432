import Carbon
import Foundation
import Ledger
import Metering
import PastJobs
import Quantities
import Testing

private func fixture(_ name: String) throws -> String {
    try String(
        contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)"),
        encoding: .utf8
    )
}

private func accounting(_ text: String, limit: Double = 20_000, zone: String = "UTC") throws -> Accounting {
    try Accounting(
        sacct: text,
        path: "jobs.txt",
        timeZone: #require(TimeZone(identifier: zone)),
        maximumNodePower: Watts(limit)
    )
}

@Suite("Past jobs out of sacct")
struct SacctTests {
    @Test("each job that ran counts once, whatever steps it had")
    func jobs() throws {
        let found = try accounting(fixture("sacct-p2.txt"))
        #expect(found.jobs.map(\.id) == ["1001", "1002", "1003", "1004", "1005", "1008", "1008", "1009_3", "1010"])
        let first = found.jobs[0]
        #expect(first.energy == Joules(27_864_000), "7.740 kWh, not the sum of its steps")
        #expect((first.nodes, first.processors, first.account) == (64, 8192, "c01"))
        #expect(decimal(first.nodeHours, places: 3) == "15.467")
        #expect(first.startedAt == 1_769_514_784_000_000)
        #expect(found.leftOut.count == 2, "\(found.leftOut)")
    }

    @Test("every end is kept as what it was")
    func states() throws {
        let jobs = try accounting(fixture("sacct-p2.txt")).jobs
        #expect(
            jobs.map(\.state) == [
                "COMPLETED", "FAILED", "TIMEOUT", "CANCELLED", "COMPLETED", "PREEMPTED", "COMPLETED", "COMPLETED",
                "REQUEUED",
            ]
        )
        #expect(jobs.map(\.exitStatus) == [0, 1, nil, nil, 0, nil, 0, 0, nil])
        #expect(jobs[5].gpus == 4)
    }

    @Test("energy that cannot be is dropped with a sentence, and what was not counted is not known")
    func absurd() throws {
        let jobs = try accounting(fixture("sacct-p2.txt")).jobs
        #expect(jobs[4].energy == nil)
        #expect(jobs[4].remarks.first?.contains("dropped") == true)
        #expect(jobs[3].energy == nil && jobs[3].remarks.isEmpty, "0 is what Slurm writes where no plugin counts")
        #expect(jobs[7].energy == nil, "2^64 - 2 is no energy either")
        // 60 s, 2 nodes, 48 kJ: 400 W a node.
        #expect(try accounting(fixture("sacct-p2.txt"), limit: 399).jobs[1].energy == nil)
        #expect(try accounting(fixture("sacct-p2.txt"), limit: 401).jobs[1].energy == Joules(48_000))
    }

    @Test("without a figure of its own a job has that of the step that spans it")
    func steps() throws {
        let job = try accounting(fixture("sacct-p2.txt")).jobs[2]
        #expect(job.energy == Joules(1_476_000))
        #expect(job.remarks.contains { $0.contains("extern") })
        let without = try fixture("sacct-p2.txt").split(separator: "\n").filter { !$0.hasPrefix("1003.extern") }
        let lower = try accounting(without.joined(separator: "\n")).jobs[2]
        #expect(lower.energy == Joules(1_470_000))
        #expect(lower.remarks.contains { $0.contains("lower bound") })
    }

    @Test("columns in any order, closing bars, suffixes, days and other time zones")
    func forms() throws {
        let jobs = try accounting(fixture("sacct-p.txt"), zone: "Europe/Berlin").jobs
        #expect(jobs.map(\.energy) == [Joules(7_740_000), Joules(12_350)])
        #expect(jobs.map(\.elapsed.value) == [87_270, 870.25])
        #expect(jobs[0].nodes == 4)
        let utc = try accounting(fixture("sacct-p.txt")).jobs
        #expect(utc[0].startedAt - jobs[0].startedAt == 7_200_000_000)
    }

    static let wrong: [(String, Int, String)] = [
        ("", 0, "empty"),
        ("JobID JobName State\n1 a COMPLETED\n", 1, "header"),
        ("JobID|State|Start\n", 1, "ElapsedRaw"),
        ("JobID|State|Start|ElapsedRaw\n1|COMPLETED|2026-01-01T00:00:00\n", 2, "3 fields"),
        ("JobID|State|Start|ElapsedRaw\n1|COMPLETED|yesterday|5\n", 2, "yesterday"),
        ("JobID|State|Start|ElapsedRaw\n1|COMPLETED|2026-02-30T00:00:00|5\n", 2, "2026-02-30"),
        ("JobID|State|Start|Elapsed\n1|COMPLETED|2026-01-01T00:00:00|soon\n", 2, "soon"),
        ("JobID|State|Start|ElapsedRaw|NNodes\n1|COMPLETED|2026-01-01T00:00:00|5|few\n", 2, "few"),
    ]

    @Test("what cannot be read is named with its line", arguments: wrong)
    func mistakes(text: String, line: Int, word: String) {
        let error = #expect(throws: PastJobError.self) { try accounting(text) }
        #expect(error?.line == line)
        #expect(error?.description.contains(word) == true, "\(error.map { "\($0)" } ?? "")")
        #expect(error?.exitCode == 65)
    }

    @Test("in the ledger a job says whose counter it was, and is there once")
    func ledger() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "jobs-\(UUID().uuidString).sqlite").path
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        let ledger = try LedgerFile(path: path, mode: .readWrite)
        let runs = try accounting(fixture("sacct-p2.txt")).jobs.map { $0.run(carbon: CarbonSettings(zone: "GB")) }
        #expect(try ledger.add(runs).added == 9)
        let again = try ledger.add(runs)
        #expect((again.added, again.known) == (0, 9))
        #expect(try ledger.runs().count == 9)
        let run = try ledger.record(runs[0].start.id)
        #expect(run == runs[0])
        #expect(run.start.role == .imported)
        #expect(run.duration == 870)
        #expect(run.end?.account.total.joules == Joules(27_864_000))
        #expect(run.end?.account.channels[0].channel.note?.contains("Slurm's own counter") == true)
        #expect(run.end?.account.channels[0].samples == 0)
        #expect(run.start.job?.variables["SLURM_JOB_NUM_NODES"] == "64")
        #expect(try ledger.traces(run.start.id).allSatisfy { $0.after.isEmpty })
        #expect(throws: LedgerError.self) { try ledger.resolve("last") }
    }
}
