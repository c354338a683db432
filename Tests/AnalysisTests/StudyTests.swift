import Analysis
import Carbon
import Foundation
import Ledger
import Metering
import Quantities
import Testing

@Suite("Study")
struct StudyTests {
    func experiment(
        _ factors: [ExperimentRecord.Factor],
        baseline: [String: String] = ["precision": "fp32"]
    ) -> ExperimentRecord {
        ExperimentRecord(
            id: "e",
            name: "unet",
            createdAt: 0,
            plan: "",
            factors: factors,
            baseline: baseline,
            repeats: 5,
            warmup: 1,
            order: "randomized-blocks",
            seed: 1,
            quality: nil,
            warnings: ["The plan is short."]
        )
    }

    let precision = ExperimentRecord.Factor(name: "precision", levels: ["fp32", "bf16"])

    /// Every arm has noise of its own, or pairs would not vary.
    func noise(_ key: String) -> [Double] {
        var state = key.utf8.reduce(UInt64(7)) { $0 &* 31 &+ UInt64($1) }
        return (0..<5).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return 1 + 0.004 * (Double(state >> 40) / Double(1 << 24) - 0.5)
        }
    }

    func arm(_ levels: [String: String], seconds: Double, watts: Double, drift: Double = 0.3) -> [RunRecord] {
        let key = levels.sorted { $0.key < $1.key }.map(\.value).joined()
        return side(key, seconds: seconds, watts: watts, noise: noise(key)) {
            $0.levels = levels
            $0.trainSeconds = $0.seconds / 2
            // A drift from block to block, which pairing must take out.
            let factor = 1 + drift * Double($0.block)
            $0.seconds *= factor
            $0.joules = $0.joules.map { $0 * factor }
        }
    }

    @Test func `pairs blocks and takes their drift out`() throws {
        var runs = arm(["precision": "fp32"], seconds: 20, watts: 50)
        runs += arm(["precision": "bf16"], seconds: 12, watts: 52).reversed()
        runs.append(SyntheticRun(id: "w", role: .warmup, levels: ["precision": "bf16"], seconds: 99).record)
        let study = try study(experiment: experiment([precision]), runs: runs)
        #expect(study.arms.map(\.label) == ["fp32", "bf16"])
        #expect(study.arms.map(\.isBaseline) == [true, false])
        let comparison = try #require(study.comparisons.first)
        #expect(study.comparisons.count == 1)
        #expect(comparison.verdict == .savesEnergy)
        #expect(try #require(comparison.energyRatio?.high) < 0.65)
        #expect(study.verdict.hasPrefix("bf16 saves 37"))
        #expect(study.runs.count == 10)
        #expect(study.warnings.contains("The plan is short."))
        #expect(study.basis == .measured)
        #expect(study.host?.name == "node1" && study.hosts.count == 1)
        // Half of the noisy time is training: 3840 images in about 10 s.
        #expect(abs(try #require(study.arms[0].throughput).value - 384) < 2)
        #expect(study.arms[0].deviceJoules[.cpu] == study.arms[0].energy?.value)
        #expect(study.carbon.count == 1)
    }

    @Test func `compares within every combination and sees what grows with size`() throws {
        let filters = ExperimentRecord.Factor(name: "filters", levels: ["16", "32"])
        var runs: [RunRecord] = []
        for (size, gain) in [("16", 1.5), ("32", 2.0)] {
            runs += arm(["precision": "fp32", "filters": size], seconds: 20, watts: 50)
            runs += arm(["precision": "bf16", "filters": size], seconds: 20 / gain, watts: 50)
        }
        let study = try study(experiment: experiment([precision, filters]), runs: runs)
        #expect(study.arms.count == 4)
        #expect(study.comparisons.map(\.baseline.label) == ["fp32, filters=16", "fp32, filters=32"])
        #expect(study.comparisons.map(\.candidate.label) == ["bf16, filters=16", "bf16, filters=32"])
        #expect(study.findings.mention("At filters=16, bf16 ran"))
        #expect(study.findings.mention("The larger size gains more from bf16: each doubling of filters multiplies"))
        #expect(study.verdict.hasPrefix("At filters=16 bf16 saves"))
    }

    @Test func `adjusted intervals are wider and decide`() throws {
        let levels = ["fp32", "x1", "x2", "x3", "x4", "x5"]
        let factor = ExperimentRecord.Factor(name: "precision", levels: levels)
        // A difference of 0.1 % that noise nearly hides.
        let wobble = [0.0, 0.0010, -0.0004, 0.0006, -0.0002]
        let baseline = arm(["precision": "fp32"], seconds: 20, watts: 50)
        let candidates = levels.dropFirst().map { level in
            side(level, seconds: 20, watts: 50, noise: [1.0, 1.003, 0.998, 1.001, 0.999]) {
                $0.levels = ["precision": level]
                let factor = (1 + 0.3 * Double($0.block)) * (0.9991 + wobble[$0.block])
                $0.seconds *= factor
                $0.joules = $0.joules.map { $0 * factor }
            }
        }
        let alone = try study(
            experiment: experiment([.init(name: "precision", levels: ["fp32", "x1"])]),
            runs: baseline + candidates[0]
        )
        let together = try study(experiment: experiment([factor]), runs: baseline + candidates.flatMap { $0 })
        let narrow = try #require(alone.comparisons.first?.energyRatio)
        let wide = try #require(together.comparisons.first?.energyRatio)
        #expect(try #require(wide.high) - wide.value > #require(narrow.high) - narrow.value)
        #expect(try abs(#require(wide.p) - min(1, 5 * #require(narrow.p))) < 1e-12)
        for comparison in together.comparisons {
            let ratio = try #require(comparison.energyRatio)
            let decided = try #require(ratio.high) < 1 || #require(ratio.low) > 1
            #expect(decided == (try #require(ratio.p) < 0.05))
            #expect(decided == (comparison.verdict != .noDifferenceShown))
        }
        #expect(together.verdict.hasPrefix("Of 5 comparisons"))
    }

    @Test func `idle runs give net figures and drift is named`() throws {
        let runs =
            arm(["precision": "fp32"], seconds: 20, watts: 50, drift: 0)
            + arm(["precision": "bf16"], seconds: 10, watts: 90, drift: 0)
            + [
                SyntheticRun(id: "i1", role: .idle, seconds: 30, joules: 30 * 38).record,
                SyntheticRun(id: "i2", role: .idle, seconds: 30, joules: 30 * 42).record,
            ]
        let study = try study(experiment: experiment([precision]), runs: runs)
        let comparison = try #require(study.comparisons.first)
        #expect(comparison.verdict == .dependsOnIdle)
        #expect(comparison.netEnergyRatio != nil)
        #expect(study.verdict.contains("only if the node is released sooner"))
        #expect(study.warnings.mention("Idle power drifted by 10.0 %"))
        let other =
            runs.dropLast(2) + [
                SyntheticRun(id: "i", role: .idle, seconds: 30, joules: 1200, coverage: ["test/psys"]).record
            ]
        let blind = try Analysis.study(experiment: experiment([precision]), runs: Array(other))
        #expect(blind.comparisons.first?.netEnergyRatio == nil)
        #expect(blind.warnings.mention("Idle power was read from other sensors"))
    }

    @Test func `a missing arm and a missing partner are named`() throws {
        var runs = arm(["precision": "fp32"], seconds: 20, watts: 50)
        let alone = try study(experiment: experiment([precision]), runs: runs)
        #expect(alone.comparisons.isEmpty)
        #expect(alone.warnings.mention("No run of bf16 counts"))
        runs += arm(["precision": "bf16"], seconds: 10, watts: 50).dropLast()
        let study = try study(experiment: experiment([precision]), runs: runs)
        #expect(study.comparisons.first?.baseline.runs == 4)
        #expect(study.warnings.mention("1 of 9 runs is left out of comparisons for want of a partner in its block."))
        #expect(study.warnings.mention("Of 10 planned runs 9 count"))
        #expect(throws: AnalysisError.self) { try Analysis.study(experiment: experiment([precision]), runs: []) }
    }

    @Test func `a run without a partner is counted once, however many comparisons lack it`() throws {
        let three = ExperimentRecord.Factor(name: "precision", levels: ["fp32", "fp16", "bf16"])
        let runs =
            arm(["precision": "fp32"], seconds: 20, watts: 50)
            + ["fp16", "bf16"].flatMap { arm(["precision": $0], seconds: 10, watts: 50).dropLast() }
        let study = try study(experiment: experiment([three]), runs: runs)
        #expect(study.warnings.filter { $0.contains("partner") }.count == 1)
        #expect(study.warnings.mention("1 of 13 runs is left out"))
        #expect(study.comparisons.allSatisfy { $0.findings.mention("1 of 9 runs is left out") })
    }

    @Test func `plain runs: one, two names, three names`() throws {
        let one = try study(runs: [side("sleep", seconds: 10, watts: 50)[0]], title: "sleep")
        #expect(one.comparisons.isEmpty)
        #expect(one.verdict == "sleep took 10.0 s and 500 ± 30 J.")
        #expect(one.arms.first?.duration.low == nil)
        let two = side("b", seconds: 10, watts: 50) + side("a", seconds: 20, watts: 50) { $0.block += 10 }
        let pair = try study(runs: two, title: "pair")
        #expect(pair.comparisons.first?.baseline.label == "b")
        #expect(pair.comparisons.first?.verdict == .costsEnergy)
        let three = try study(runs: two + side("c", seconds: 5, watts: 5), title: "three")
        #expect(three.comparisons.isEmpty && three.arms.count == 3)
        #expect(throws: AnalysisError.self) { try study(runs: [SyntheticRun(status: 1).record], title: "none") }
    }

    @Test func `modelled joules are never shown as measured`() throws {
        let runs = side("sim", seconds: 10, watts: 50) { $0.basis = .modelled }
        let study = try study(runs: runs, title: "sim")
        #expect(study.basis == .modelled)
        #expect(study.verdict.contains("modelled, not measured"))
        #expect(study.warnings.mention("modelled"))
    }

    @Test func `warnings are gathered once, and zones explained`() throws {
        let runs = side("a", seconds: 10, watts: 50) {
            $0.carbon = CarbonSettings()
            if $0.block < 2 { $0.warnings = ["Two lines did not parse.", "Two lines did not parse."] }
        }
        let study = try study(runs: runs, title: "a")
        #expect(study.carbon.isEmpty && study.arms[0].co2e == nil)
        #expect(study.warnings.mention("--zone"))
        #expect(study.warnings.contains("Two lines did not parse. (2 of 5 runs)"))
    }

    @Test func `a study survives JSON`() throws {
        let runs = side("a", seconds: 10, watts: 50) + side("b", seconds: 20, watts: 50) { $0.block += 10 }
        let study = try study(runs: runs, title: "both")
        let copy = try JSONDecoder().decode(Study.self, from: JSONEncoder().encode(study))
        #expect(copy == study)
    }
}
