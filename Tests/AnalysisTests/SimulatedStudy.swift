import Analysis
import Foundation
import Ledger
import ProbeTestKit

extension SeededGenerator {
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
