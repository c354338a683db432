import Analysis
import Foundation
import Ledger
import Metering
import ProbeTestKit
import Testing

@Suite("Order of runs and single runs")
struct OrderTests {
    /// Runs of two arms in shuffled blocks, joules by arm, place in the order and the arm before.
    func runs(
        blocks: Int,
        seed: UInt64,
        change: (inout SyntheticRun, _ place: Int, _ arm: Int, _ before: Int?) -> Void = { _, _, _, _ in }
    ) -> [RunRecord] {
        var noise = SeededGenerator(seed: seed)
        var records: [RunRecord] = []
        var before: Int?
        for block in 0..<blocks {
            for arm in [0, 1].shuffled(using: &noise) {
                var run = SyntheticRun(id: "r\(records.count)", levels: ["precision": arm == 0 ? "fp32" : "bf16"])
                run.block = block
                run.seconds = (arm == 0 ? 20 : 12) * exp(0.01 * noise.normal())
                run.joules = run.seconds * 50
                change(&run, records.count, arm, before)
                var record = run.record
                record.start.startedAt = Int64(records.count) * 1_000_000
                records.append(record)
                before = arm
            }
        }
        return records
    }

    func warnings(_ runs: [RunRecord]) throws -> [String] {
        try study(experiment: precisionExperiment(), runs: runs).warnings
    }

    @Test func `a drift over the order is told`() throws {
        let drifting = runs(blocks: 8, seed: 3) { run, place, _, _ in
            run.joules = run.joules.map { $0 * exp(0.01 * Double(place)) }
        }
        let found = try warnings(drifting)
        #expect(found.mention("Joules rose by 1.0") && found.mention("from run to run"))
        #expect(!(try warnings(Array(drifting.prefix(8))).mention("from run to run")), "eight runs are too few")
    }

    @Test func `the arm of the run before is told where it matters`() throws {
        let carrying = runs(blocks: 12, seed: 5) { run, _, _, before in
            if before == 0 { run.joules = run.joules.map { $0 * 1.05 } }
        }
        #expect(try warnings(carrying).mention("The arm of the run before moves the joules of the next (p < 0.001)"))
    }

    @Test func `nothing is told of runs without drift or carry-over`() throws {
        var alarms = 0
        for seed in 1...40 {
            let found = try warnings(runs(blocks: 10, seed: UInt64(seed)))
            if found.mention("from run to run") { alarms += 1 }
            if found.mention("run before") { alarms += 1 }
        }
        // 80 tests at 1 %.
        #expect(alarms <= 4)
    }

    @Test func `a run far from its arm is named and kept`() throws {
        let strange = runs(blocks: 10, seed: 9) { run, place, _, _ in
            if place == 7 {
                run.seconds *= 2
                run.joules = run.joules.map { $0 * 2 }
            }
        }
        let result = try study(experiment: precisionExperiment(), runs: strange)
        #expect(result.warnings.mention("kept in the figures: r7 (time, joules)."))
        #expect(result.arms.map(\.runIDs.count) == [10, 10])
        #expect(result.comparisons[0].findings.mention("r7 (time, joules)"))
        #expect(!(try warnings(runs(blocks: 10, seed: 9)).mention("kept in the figures")))
    }

    @Test func `a temperature that the workload tells is watched`() throws {
        let warm = runs(blocks: 3, seed: 2).enumerated().map { index, record in
            var record = record
            let change = index == 2 ? 12.0 : 1
            record.end?.marks = Marks(
                marks: (0...4).map { step in
                    Mark(
                        time: Int64(step) * 1_000_000_000,
                        pid: 1,
                        tid: 1,
                        event: .metric(["temperature": 50 + change * Double(step) / 4])
                    )
                }
            )
            return record
        }
        #expect(
            try warnings(warm).mention("In 1 of 6 runs the temperature moved by more than 5 degrees, by 12.0 at most")
        )
        #expect(!(try warnings(runs(blocks: 3, seed: 2)).mention("temperature")))
    }
}
