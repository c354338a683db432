import Analysis
import Foundation
import Ledger

/// Seeded noise: one seed gives the same runs everywhere.
struct SeededNoise: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A standard normal value, by the method of Box and Muller.
    mutating func normal() -> Double {
        let radius = (-2 * log(Double.random(in: 1e-12..<1, using: &self))).squareRoot()
        return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &self))
    }

    /// Factors about 1 whose logarithms have the standard deviation `spread`.
    mutating func factors(_ count: Int, spread: Double) -> [Double] {
        (0..<count).map { _ in exp(spread * normal()) }
    }
}

/// An experiment of one factor `precision`, whose baseline is fp32.
func precisionExperiment(
    levels: [String] = ["fp32", "bf16"],
    other: [ExperimentRecord.Factor] = [],
    quality: QualityCriterion? = nil,
    smallestRelevantSaving: Double? = nil
) -> ExperimentRecord {
    ExperimentRecord(
        id: "e",
        name: "unet",
        createdAt: 0,
        plan: "",
        factors: [ExperimentRecord.Factor(name: "precision", levels: levels)] + other,
        baseline: ["precision": "fp32"],
        repeats: 5,
        warmup: 1,
        order: "randomized-blocks",
        seed: 1,
        quality: quality,
        smallestRelevantSaving: smallestRelevantSaving,
        warnings: []
    )
}

/// The only comparison of two sides.
func comparison(
    _ baseline: [RunRecord],
    _ candidate: [RunRecord],
    paired: Bool = false,
    _ criteria: Criteria = Criteria()
) throws -> Comparison {
    try compare(
        baseline: RunGroup(label: "fp32", runs: baseline),
        candidates: [RunGroup(label: "bf16", runs: candidate)],
        paired: paired,
        criteria: criteria
    )[0]
}
