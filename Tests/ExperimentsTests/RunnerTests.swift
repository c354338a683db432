import Carbon
import Discovery
import Foundation
import Ledger
import Metering
import Quantities
import Testing

@testable import Experiments

/// A folder with a ledger, a plan's runner over this machine's model, and a log that the commands write.
private struct Bench {
    let folder: String
    let ledger: LedgerFile

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "experiments-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        ledger = try LedgerFile(path: folder + "/l.sqlite", mode: .readWrite)
    }

    func clean() { try? FileManager.default.removeItem(atPath: folder) }

    /// Arms `a` and `b`, whose command is a shell script that sees `$1` as its arm.
    func plan(_ script: String, extra: String = "") throws -> Plan {
        try Plan(
            text: """
                name: bench
                workload:
                  command: [sh, -c, '\(script)', arm, "{arm}", "{seed}"]
                  environment: {FOLDER: \(folder)}
                factors: {arm: [a, b]}
                baseline: {arm: a}
                \(extra.contains("until") ? "" : "repeats: 3")
                warmup: 1
                seed: 5
                interval: 5ms
                \(extra)
                """,
            path: "plan.yaml",
            searchPath: "/usr/bin:/bin"
        )
    }

    func runner(_ plan: Plan) throws -> Runner {
        let inventory = try discover(SensorSelection(root: "/", probes: ["model"], replay: nil))
        let measurement = Measurement(ledger: ledger, inventory: inventory, host: Host.read(root: "/"))
        return Runner(plan: plan, measurement: measurement, carbon: CarbonSettings(zone: "DE"))
    }

    var log: [String] {
        let text = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }
}

@Suite("Carrying out a plan")
struct RunnerTests {
    @Test("runs each step once, stores it with its place, and has nothing left to do then")
    func whole() throws {
        let bench = try Bench()
        defer { bench.clean() }
        let plan = try bench.plan("echo $1 $2 >> $FOLDER/log; sleep 0.02", extra: "idle: 20ms")
        let runner = try bench.runner(plan)
        let experiment = try runner.experiment()
        var ends = 0
        try runner.run(experiment, force: true) { if case .runEnds = $0 { ends += 1 } }
        #expect(ends == 10)
        let runs = try bench.ledger.runs(ofExperiment: experiment.id)
        #expect(
            runs.map { $0.start.role } == [.idle, .warmup, .warmup] + Array(repeating: .measurement, count: 6) + [.idle]
        )
        #expect(runs.compactMap { $0.start.place?.position } == Array(0..<10))
        #expect(runs.allSatisfy { $0.start.carbon.zone == "DE" && $0.end?.exitStatus == 0 })
        #expect(
            bench.log == plan.steps(seed: 5).filter { $0.role != .idle }.map { "\($0.levels["arm"] ?? "") \($0.seed)" }
        )

        let again = try runner.experiment()
        #expect(again == experiment)
        try runner.run(again, force: true) { if case .runEnds = $0 { Issue.record("nothing was left to run") } }
        #expect(try runner.experiment(anew: true).id != experiment.id)
    }

    @Test("stops at a command that fails, keeps what was measured, and goes on there")
    func resumes() throws {
        let bench = try Bench()
        defer { bench.clean() }
        let script =
            "echo $1 >> $FOLDER/log; [ -e $FOLDER/mended ] || [ $(wc -l < $FOLDER/log) -lt 4 ] || { echo broken >&2; exit 3; }"
        let runner = try bench.runner(try bench.plan(script))
        let experiment = try runner.experiment()
        let failure = try #require(throws: RunFailure.self) { try runner.run(experiment, force: true) { _ in } }
        #expect(failure.status == 3)
        #expect(failure.output.contains("broken"))
        let stored = try bench.ledger.runs(ofExperiment: experiment.id)
        #expect(stored.count == 4)

        try Data().write(to: URL(filePath: bench.folder + "/mended"))
        try runner.run(try runner.experiment(), force: true) { _ in }
        let runs = try bench.ledger.runs(ofExperiment: experiment.id).filter { $0.end?.exitStatus == 0 }
        #expect(runs.compactMap { $0.start.place?.position }.sorted() == Array(0..<8))
        #expect(bench.log.count == 9, "three that went well, one that failed, five more")
    }

    @Test("takes another plan of the same name for another experiment")
    func anotherPlan() throws {
        let bench = try Bench()
        defer { bench.clean() }
        let first = try bench.runner(try bench.plan("true")).experiment()
        let second = try bench.runner(try bench.plan("true; true")).experiment()
        #expect(first.id != second.id)
        #expect(try bench.ledger.experiment("bench").id == second.id)
    }

    @Test("lets a first stage choose the number of blocks, the same after an interruption")
    func twoStages() throws {
        let bench = try Bench()
        defer { bench.clean() }
        let plan = try bench.plan(
            "[ $1 = b ] && sleep 0.0$(($2 % 7)); [ -e $FOLDER/stop ] && exit 9; exit 0",
            extra: "until: {relative_half_width: 0.5, max_repeats: 6, first_stage: 3}"
        )
        #expect(plan.repeats == 6)
        let runner = try bench.runner(plan)
        let experiment = try runner.experiment()
        #expect(experiment.until == ExperimentRecord.Until(relativeHalfWidth: 0.5, firstStage: 3))
        var told: (blocks: Int, wanted: Int)?
        // Interrupted right after the first stage has told.
        #expect(throws: RunFailure.self) {
            try runner.run(experiment, force: true) { event in
                guard case .firstStageEnds(let blocks, let wanted, _) = event else { return }
                told = (blocks, wanted)
                try? Data().write(to: URL(filePath: bench.folder + "/stop"))
            }
        }
        try FileManager.default.removeItem(atPath: bench.folder + "/stop")
        let first = try #require(told)
        try runner.run(experiment, force: true) { event in
            guard case .firstStageEnds(let blocks, let wanted, _) = event else { return }
            #expect(blocks == first.blocks && wanted == first.wanted)
        }
        #expect(first.blocks == min(6, first.wanted))
        let runs = try bench.ledger.runs(ofExperiment: experiment.id)
            .filter { $0.start.role == .measurement && $0.end?.exitStatus == 0 }
        #expect(runs.count == 2 * first.blocks)
    }

    @Test("runs the warm-ups alone as a pilot, and then knows what the rest takes")
    func pilot() throws {
        let bench = try Bench()
        defer { bench.clean() }
        let plan = try bench.plan("[ $1 = b ] && sleep 0.2; sleep 0.1", extra: "cooldown: 1ms")
        let runner = try bench.runner(plan)
        #expect(plan.preview(experiment: try runner.known(), runs: []).progress.left == nil)
        let experiment = try runner.experiment()
        var last: Experiments.Progress?
        try runner.run(experiment, onlyPilot: true, force: true) {
            if case .runEnds(_, let progress) = $0 { last = progress }
        }
        let progress = try #require(last)
        #expect(progress.done == 2 && progress.total == 8)
        let left = try #require(progress.left)
        #expect((1...2.5).contains(left.duration.value), "three runs of 0.3 s, three of 0.1 s")
        #expect((left.energy?.value ?? 0) > 0)

        let runs = try bench.ledger.runs(ofExperiment: experiment.id)
        let preview = plan.preview(experiment: experiment, runs: runs)
        #expect(preview.progress == progress)
        #expect(preview.blocks.count == 3 && preview.blocks.allSatisfy { Set($0) == ["arm=a", "arm=b"] })
        #expect(preview.arms.map(\.label) == ["arm=a", "arm=b"])
        #expect(preview.arms[0].command.hasPrefix("sh -c '[ $1 = b ]"))
        try runner.run(experiment, force: true) { _ in }
        #expect(try bench.ledger.runs(ofExperiment: experiment.id).count == 8, "the pilot's runs are not run again")
    }

    @Test("stops at a run that no sensor resolves, unless it is forced")
    func unresolved() throws {
        let bench = try Bench()
        defer { bench.clean() }
        let recording = bench.folder + "/still.trace"
        try "channel name=c joules_per_count=1 in_total=true device=cpu\n0 5\n1 5\n"
            .write(toFile: recording, atomically: true, encoding: .utf8)
        let inventory = try discover(SensorSelection(root: "/", probes: ["replay:\(recording)"], replay: nil))
        let measurement = Measurement(ledger: bench.ledger, inventory: inventory, host: Host.read(root: "/"))
        let runner = Runner(plan: try bench.plan("true"), measurement: measurement, carbon: CarbonSettings())
        let experiment = try runner.experiment()
        let error = try #require(throws: UnresolvedWindow.self) { try runner.run(experiment) { _ in } }
        #expect(error.description.contains("--force"))
        try runner.run(experiment, force: true) { _ in }
        #expect(try bench.ledger.runs(ofExperiment: experiment.id).count == 8)
    }

    @Test("is kept from running twice into one ledger at a time")
    func locked() throws {
        let bench = try Bench()
        defer { bench.clean() }
        let plan = try bench.plan("true")
        do {
            let lock = try PlanLock(plan: plan, ledger: bench.ledger.path)
            #expect(lock != nil)
            let error = try #require(throws: LedgerError.self) { try PlanLock(plan: plan, ledger: bench.ledger.path) }
            #expect(error.code == .locked)
            _ = try PlanLock(plan: plan, ledger: bench.folder + "/another.sqlite")
        }
        #expect(try PlanLock(plan: plan, ledger: bench.ledger.path) != nil, "free again when its holder ends")
    }
}
