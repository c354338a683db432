import Analysis
import Ledger
import ProbeTestKit
import Testing

@Suite("Many runs")
struct ManyRunsTests {
    @Test func `twice ten thousand runs are compared in seconds`() throws {
        var noise = SeededGenerator(seed: 1)
        var runs: [RunRecord] = []
        for (precision, seconds) in [("fp32", 20.0), ("bf16", 12)] {
            runs += side(precision, seconds: seconds, watts: 50, noise: noise.factors(10_000, spread: 0.02)) {
                $0.levels = ["precision": precision]
                // A warning of its own each, as a workload with numbers in them gives.
                $0.warnings = ["Run \($0.id) was late."]
            }
        }
        let clock = ContinuousClock()
        let time = try clock.measure {
            let study = try study(experiment: precisionExperiment(), runs: runs)
            #expect(study.comparisons.first?.verdict == .savesEnergy)
            #expect(study.comparisons.first?.baseline.runs == 10_000)
        }
        print("2 x 10,000 runs: \(time)")
        // A quadratic step over 20,000 runs takes minutes without optimisation.
        #expect(time < .seconds(20))
    }
}
