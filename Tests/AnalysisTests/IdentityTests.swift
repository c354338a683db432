import Analysis
import Foundation
import Ledger
import ProbeTestKit
import Statistics
import Testing

/// What holds of every document, whatever the runs.
@Suite("Identities")
struct IdentityTests {
    @Test(arguments: 1...60) func `ratios agree with one another to the last digits`(seed: UInt64) throws {
        var noise = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...9, using: &noise)
        let spread = exp(Double.random(in: -8...(-1), using: &noise))
        let arm = { (name: String, noise: inout SeededGenerator) in
            let (seconds, watts) = (exp(3 * noise.normal()), exp(2 * noise.normal()))
            let powers = noise.factors(count, spread: spread)
            return side(name, seconds: seconds, watts: watts, noise: noise.factors(count, spread: spread)) {
                $0.levels = ["precision": name]
                $0.joules = $0.seconds * watts * powers[$0.block]
            }
        }
        let runs = arm("fp32", &noise) + arm("bf16", &noise) + arm("fp16", &noise)
        let plan = precisionExperiment(levels: ["fp32", "bf16", "fp16"], smallestRelevantSaving: 0.05)
        let study = try study(experiment: plan, runs: runs)
        #expect(study.comparisons.count == 2)
        for comparison in study.comparisons {
            let energy = try #require(comparison.energyRatio)
            let saved = try #require(comparison.energySaved)
            let power = try #require(comparison.powerRatio).value
            let greenup = 1 / energy.value
            #expect(abs(comparison.speedup.value / greenup - power) <= 4 * power.ulp)
            #expect(saved.fraction == 1 - energy.value)
            #expect(saved.low == energy.high.map { 1 - $0 } && saved.high == energy.low.map { 1 - $0 })
            let delay = try #require(comparison.edpRatio).value
            #expect(abs(energy.value / comparison.speedup.value - delay) <= 4 * delay.ulp)
            for estimate in [comparison.speedup, energy, try #require(comparison.powerRatio)] {
                guard let low = estimate.low, let high = estimate.high else {
                    #expect(count == 1)
                    continue
                }
                #expect(0 < low && low <= estimate.value && estimate.value <= high)
            }
            let decided = energy.high.map { $0 < 1 } ?? false || energy.low.map { $0 > 1 } ?? false
            #expect(decided == [.savesEnergy, .costsEnergy].contains(comparison.verdict))
        }
    }
}
