import Analysis
import Foundation
import Ledger
import ProbeTestKit
import Testing

@Suite("Scaling and front")
struct ScalingTests {
    /// Five blocks of fp32 and bf16 at every size, with a true speed-up and energy ratio of their own.
    func runs(_ gains: [(size: String, speedup: Double, energy: Double)], seed: UInt64 = 4) -> [RunRecord] {
        var noise = SeededGenerator(seed: seed)
        return gains.flatMap { size, speedup, energy in
            [("fp32", 1.0, 1.0), ("bf16", 1 / speedup, energy)].flatMap { precision, time, joules in
                side(precision + size, seconds: 20 * time, watts: 1, noise: noise.factors(6, spread: 0.004)) {
                    $0.levels = ["precision": precision, "filters": size]
                    $0.joules = 1000 * joules * $0.seconds / (20 * time)
                }
            }
        }
    }

    func findings(_ runs: [RunRecord], sizes: [String]) throws -> [String] {
        let filters = ExperimentRecord.Factor(name: "filters", levels: sizes)
        return try study(experiment: precisionExperiment(other: [filters]), runs: runs).findings
    }

    @Test func `a doubling multiplies the gains by a factor with its interval`() throws {
        let growing = try findings(
            runs([("16", 1.5, 0.6), ("32", 1.65, 0.54), ("64", 1.815, 0.486)]),
            sizes: ["16", "32", "64"]
        )
        let speed = try #require(growing.first { $0.contains("The larger size gains more from bf16") })
        #expect(speed.contains("each doubling of filters multiplies its speed-up by 1.10") || speed.contains("by 1.09"))
        let energy = try #require(growing.first { $0.contains("The larger size saves more with bf16") })
        #expect(energy.contains("multiplies its energy ratio by 0.9") || energy.contains("by 0.89"))
    }

    @Test func `a gain that stays is not shown to change`() throws {
        let flat = try findings(
            runs([("16", 1.5, 0.6), ("32", 1.5, 0.6), ("64", 1.5, 0.6)]),
            sizes: ["16", "32", "64"]
        )
        #expect(flat.mention("That the gain from bf16 changes with filters is not shown"))
        #expect(!flat.mention("By the means"), "the smallest size would win by itself")
        #expect(flat.mention("That the saving by bf16 changes with filters is not shown"))
    }

    @Test func `the front names arms that none beats`() throws {
        let arm = { (name: String, seconds: Double, watts: Double, iou: Double) in
            side(name, seconds: seconds, watts: watts) {
                $0.levels = ["precision": name]
                $0.metrics["iou"] = iou
            }
        }
        let levels = ["fp32", "bf16", "fp16"]
        let runs = arm("fp32", 20, 50, 0.79) + arm("bf16", 10, 60, 0.78) + arm("fp16", 12, 70, 0.7)
        let plain = try study(experiment: precisionExperiment(levels: levels), runs: runs)
        #expect(plain.findings.mention("By the means, bf16 is the best of all arms in time and energy."))
        let quality = QualityCriterion(metric: "iou", higherIsBetter: true, margin: 0.01)
        let judged = try study(experiment: precisionExperiment(levels: levels, quality: quality), runs: runs)
        #expect(judged.findings.mention("fp32 and bf16 stand on the front of time, energy and iou"))
        let two = try study(experiment: precisionExperiment(), runs: Array(runs.prefix(10)))
        #expect(!two.findings.mention("By the means"))
    }

    @Test func `arms have images a joule beside joules an image`() throws {
        let arm = try #require(try study(runs: side("a", seconds: 10, watts: 50), title: "a").arms.first)
        let images = try #require(arm.imagesPerJoule).value
        #expect(abs(images * (try #require(arm.joulesPerImage).value) - 1) < 1e-3)
    }
}
