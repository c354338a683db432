import Analysis
import Foundation
import Ledger
import ProbeTestKit
import Testing

/// Experiments of equal arms, through the whole judgement: how often one "saves energy".
@Suite("False verdicts")
struct FalseVerdictTests {
    static let isSlow = ProcessInfo.processInfo.environment["WATTBOOK_SLOW"] == "1"

    enum Design: String, CaseIterable {
        case independent, pairs, experiment
    }

    @Test(arguments: Design.allCases) func `equal arms seldom save energy`(design: Design) throws {
        #expect(try share(of: 400, design) <= 0.06)
    }

    @Test(.enabled(if: isSlow), arguments: Design.allCases)
    func `equal arms save energy in three of a hundred experiments at most`(design: Design) throws {
        let share = try share(of: 10_000, design)
        print("saves energy, \(design.rawValue), 10,000 experiments of 5 runs an arm: \(100 * share) %")
        #expect(share <= 0.03)
    }

    private func share(of experiments: Int, _ design: Design) throws -> Double {
        var noise = SeededGenerator(seed: design == .independent ? 12 : design == .pairs ? 11 : 13)
        var saving = 0
        for _ in 0..<experiments {
            let sides = ["fp32", "bf16"].map { level in
                side(level, seconds: 20, watts: 50, noise: noise.factors(5, spread: 0.02)) {
                    if design == .experiment { $0.levels = ["precision": level] }
                }
            }
            if try verdict(sides[0], sides[1], design) == .savesEnergy { saving += 1 }
        }
        return Double(saving) / Double(experiments)
    }

    private func verdict(_ base: [RunRecord], _ candidate: [RunRecord], _ design: Design) throws -> EnergyVerdict? {
        guard design == .experiment else { return try comparison(base, candidate, paired: design == .pairs).verdict }
        return try study(experiment: precisionExperiment(), runs: base + candidate).comparisons.first?.verdict
    }
}
