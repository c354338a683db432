import Analysis
import Foundation
import Ledger
import Testing

/// Experiments of equal arms, through the whole judgement: how often one "saves energy".
@Suite("False verdicts")
struct FalseVerdictTests {
    static let isSlow = ProcessInfo.processInfo.environment["WATTBOOK_SLOW"] == "1"

    @Test(arguments: [true, false]) func `equal arms seldom save energy`(paired: Bool) throws {
        #expect(try share(of: 400, paired: paired) <= 0.06)
    }

    @Test(.enabled(if: isSlow), arguments: [true, false])
    func `equal arms save energy in three of a hundred experiments at most`(paired: Bool) throws {
        let share = try share(of: 10_000, paired: paired)
        print("saves energy, \(paired ? "paired" : "Welch"), 10,000 experiments of 5 runs an arm: \(100 * share) %")
        #expect(share <= 0.03)
    }

    private func share(of experiments: Int, paired: Bool) throws -> Double {
        var noise = SeededNoise(state: paired ? 11 : 12)
        var saving = 0
        for _ in 0..<experiments {
            let base = side("a", seconds: 20, watts: 50, noise: noise.factors(5, spread: 0.02))
            let candidate = side("b", seconds: 20, watts: 50, noise: noise.factors(5, spread: 0.02))
            if try comparison(base, candidate, paired: paired).verdict == .savesEnergy { saving += 1 }
        }
        return Double(saving) / Double(experiments)
    }
}
