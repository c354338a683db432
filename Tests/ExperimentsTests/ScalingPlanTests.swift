import Configuration
import Foundation
import Ledger
import Metering
import Testing

@testable import Experiments

private func plan(_ scaling: String, _ rest: String = "", command: String = "\"true\", \"{threads}\"") throws -> Plan {
    try Plan(
        text: "name: x\nworkload: {command: [\(command)]}\nscaling: {\(scaling)}\n\(rest)",
        path: "plan.yaml",
        searchPath: "/usr/bin:/bin"
    )
}

@Suite("Plans of scaling")
struct ScalingPlanTests {
    @Test func `add their factors and set every arm beside the fewest units`() throws {
        let plan = try plan("over: threads, values: [2, 4, 8]")
        #expect(plan.factors == [.init(name: "threads", levels: ["2", "4", "8"])] && plan.baseline == ["threads": "2"])
        let scaling = try #require(plan.scaling)
        #expect(scaling.record == .init(over: .threads, modes: [.strong], launch: .local))
        let both = try Experiments.Plan(
            text: """
                name: x
                workload: {command: ["true", "{threads}", "{batch}", "{kind}"]}
                factors: {kind: [a, b]}
                parameters: {batch: 64}
                scaling: {mode: both, over: threads, values: [1, 2], grows: {batch: 8}}
                """,
            path: "plan.yaml",
            searchPath: "/usr/bin:/bin"
        )
        #expect(both.arms.count == 8 && both.baseline == ["threads": "1"])
        let words = both.arms.map { both.words(with: both.values(in: $0)).dropFirst().joined(separator: " ") }
        #expect(words.prefix(4) == ["1 64 a", "2 64 a", "1 8 a", "2 16 a"], "\(words)")
    }

    @Test func `spread ranks over nodes and threads over ranks`() throws {
        let batch = "launch: sbatch, over: nodes, values: [1, 3], ranks_per_node: 4, threads_per_rank: 2"
        let nodes = try plan(batch).values(in: ["nodes": "3"])
        #expect(nodes["nodes"] == "3" && nodes["ranks"] == "12" && nodes["threads"] == "2")
        let ranks = try plan("launch: sbatch, over: ranks, values: [1, 6], ranks_per_node: 4").values(in: ["ranks": "6"]
        )
        #expect(ranks["nodes"] == "2" && ranks["ranks"] == "6" && ranks["threads"] == "1")
        let one = try plan("over: ranks, values: [1, 6]", command: "\"true\", \"{ranks}\"").values(in: ["ranks": "6"])
        #expect(one["nodes"] == "1")
        let grown = try plan(
            "mode: both, over: threads, values: [2, 4], grows: {batch: 8}",
            command: "\"true\", \"{threads}\", \"{batch}\""
        )
        // Without a parameter of that name, strong arms keep the work of the fewest units.
        #expect(grown.values(in: ["scaling": "strong", "threads": "4"])["batch"] == "16")
        #expect(grown.values(in: ["scaling": "weak", "threads": "4"])["batch"] == "32")
    }

    @Test(arguments: [
        ("over: threads", "needs `values`"), ("values: [1, 2]", "needs `over`"),
        ("over: cores, values: [1, 2]", "must be threads or ranks or nodes"),
        ("over: threads, values: [1]", "needs two numbers or more"),
        ("over: threads, values: [2, 1]", "must ascend"), ("over: threads, values: [0, 1]", "whole number, 1 or more"),
        ("over: nodes, values: [1, 2]", "there is one node here"),
        ("over: threads, values: [1, 2], mode: weak", "needs `grows`"),
        ("over: threads, values: [1, 2], grows: {batch: 8}", "is for weak scaling"),
        ("over: threads, values: [1, 2], mode: fast", "must be strong, weak or both"),
        ("over: threads, values: [1, 2], sbatch: {time: \"1:00\"}", "the launch is local"),
        ("over: threads, values: [1, 2], ranks_per_node: 2", "no meaning over threads"),
        ("over: ranks, values: [1, 2]", "does not name"),
        ("over: nodes, values: [1, 2], launch: sbatch, sbatch: {options: [exclusive]}", "must hold options"),
        ("over: nodes, values: [1, 2], launch: sbatch, sbatch: {partition: \"a b\"}", "one word"),
        ("over: nodes, values: [1, 2], launch: sbatch, sbatch: {queue: a}", "is unknown"),
        ("over: threads, valus: [1, 2]", "Did you mean `values`?"),
    ])
    func `are refused with their line`(scaling: String, words: String) {
        let command = scaling.contains("ranks, ") ? "\"true\"" : "\"true\", \"{threads}\""
        do {
            _ = try plan(scaling, command: command)
            Issue.record("\(scaling) was taken")
        } catch {
            let error = error as? PlanError
            #expect(error?.description.contains(words) == true, "\(error.map(\.description) ?? "")")
            #expect(error?.line == 3 && error?.exitCode == 78)
        }
    }

    @Test func `do not meet what they fill, nor rests between jobs`() {
        let jobs = "over: nodes, values: [1, 2], launch: sbatch"
        for (scaling, rest, words) in [
            ("over: threads, values: [1, 2]", "factors: {threads: [1]}", "is filled by `scaling`"),
            ("over: threads, values: [1, 2]", "parameters: {nodes: 1}", "is filled by `scaling`"),
            ("over: threads, values: [1, 2]", "arms: [{a: 1}]", "exclude each other"),
            (jobs, "idle: 10s", "no meaning between the jobs"), (jobs, "cooldown: 1s", "no meaning between the jobs"),
        ] {
            #expect { try plan(scaling, rest) } throws: { "\($0)".contains(words) }
        }
    }

    @Test func `warn of designs that tell little`() throws {
        #expect(try plan("over: threads, values: [1, 2]").warnings.contains { $0.contains("no law of scaling") })
        let shared = "over: nodes, values: [1, 2, 4], launch: sbatch, sbatch: {exclusive: false}"
        #expect(try plan(shared).warnings == ["Jobs share their nodes, and a node's sensors see what others do there."])
    }

    @Test func `words survive a shell`() {
        #expect(
            quoted("a b") == "'a b'" && quoted("it's") == "'it'\\''s'" && quoted("") == "''" && quoted("-x=1") == "-x=1"
        )
    }
}

@Suite("Jobs and what they leave")
struct JobTests {
    private func folder() throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "jobs-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path + "/ledgers", withIntermediateDirectories: true)
        return path
    }

    @Test func `a journal outlives a call that was cut between its lines`() throws {
        let path = try folder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        var journal = try JobJournal(ledger: path + "/l.sqlite", experiment: "e")
        let first = try journal.begin(3)
        try journal.accept(first, job: "17")
        _ = try journal.begin(4)
        let again = try JobJournal(ledger: path + "/l.sqlite", experiment: "e")
        #expect(again.entries == journal.entries && again.last(3)?.job == "17" && again.last(4)?.job == nil)
        var more = again
        #expect(try more.begin(4).attempt == 2)
        #expect(FileManager.default.fileExists(atPath: more.folder + "/4.2/ledgers"))
    }

    @Test func `an ending is what the script wrote, else what Slurm says`() throws {
        let path = try folder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(JobEnding(folder: path, word: "TIMEOUT").failure == "ended as TIMEOUT")
        #expect(JobEnding(folder: path, word: nil).failure == "left the queue without a trace")
        try Data("3\n".utf8).write(to: URL(fileURLWithPath: path + "/status"))
        try Data("oh\nno\n".utf8).write(to: URL(fileURLWithPath: path + "/output"))
        let failed = JobEnding(folder: path, word: "FAILED")
        #expect(failed.failure == "ended with status 3" && failed.isWhole && failed.lastWords.contains("    no"))
        try Data("0".utf8).write(to: URL(fileURLWithPath: path + "/status"))
        let well = JobEnding(folder: path, word: "COMPLETED")
        #expect(well.failure == nil && !well.isWhole && well.isSaidToBeWell)
    }

    @Test func `several ledgers are merged, and the run that no node wrote is the job's`() throws {
        let path = try folder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try JobLedgers(folder: path, meter: "/nonexistent").run() == nil)
        for node in ["a", "b"] { try ledger(path + "/ledgers/\(node).sqlite", run: node) }
        // Stands in for the merge: it makes the job's run, and says that a node is missing.
        try ledger(path + "/made.sqlite", run: "job")
        let script =
            "#!/bin/sh\n[ \"$1 $2\" = \"merge \(path)/ledgers\" ] && cp \(path)/made.sqlite \"$4\"; echo one; exit 65\n"
        try Data(script.utf8).write(to: URL(fileURLWithPath: path + "/meter"))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path + "/meter")
        let found = try #require(try JobLedgers(folder: path, meter: path + "/meter").run())
        #expect(found.run == "job" && found.missing == "one")
        #expect(throws: MergeFailure.self) { try JobLedgers(folder: path, meter: "/bin/false").run() }

        let main = try LedgerFile(path: path + "/main.sqlite", mode: .readWrite)
        try main.adopt("job", from: found.ledger) { $0.name = "nodes=2" }
        #expect(try main.record("job").start.name == "nodes=2" && main.record("job").state == .finished)
        #expect(throws: LedgerError.self) { try main.adopt("job", from: found.ledger) { _ in } }
    }

    private func ledger(_ path: String, run id: String) throws {
        let ledger = try LedgerFile(path: path, mode: .readWrite)
        let start = RunStart(
            id: id,
            name: "n",
            command: ["true"],
            host: .read(root: "/"),
            startedAt: 1,
            start: 1,
            interval: 1,
            writerPID: 1
        )
        try ledger.begin(start, channels: [])
        let total = EnergyReading(
            joules: nil,
            uncertainty: nil,
            randomUncertainty: nil,
            basis: .measured,
            coverage: []
        )
        let account = EnergyAccount(total: total, channels: [], regions: [])
        try ledger.finish(id, RunEnd(state: .finished, exitStatus: 0, end: 2, marks: Marks(), account: account))
    }
}
