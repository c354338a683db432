import ProbeTestKit
import RealModule

/// Seeded log-normal runs of known truth: one seed gives the same experiments everywhere.
struct SimulatedRuns {
    private var generator: SeededGenerator
    private var spare: Double?

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    /// A standard normal value, by the method of Box and Muller (1958).
    mutating func normal() -> Double {
        if let value = spare {
            spare = nil
            return value
        }
        let uniform = (Double(generator.next() >> 11) + 0.5) / 9_007_199_254_740_992
        let angle = 2 * .pi * (Double(generator.next() >> 11) / 9_007_199_254_740_992)
        let radius = (-2 * Double.log(uniform)).squareRoot()
        spare = radius * .sin(angle)
        return radius * .cos(angle)
    }

    /// Values about 617 times `ratio`, whose logarithms have the standard deviation `spread`.
    mutating func values(_ count: Int, ratio: Double = 1, spread: Double) -> [Double] {
        (0..<count).map { _ in 617 * ratio * .exp(spread * normal()) }
    }

    /// Pairs whose blocks drift by 10 % together.
    mutating func pairs(_ count: Int, ratio: Double = 1, spread: Double) -> (x: [Double], y: [Double]) {
        let drifts = (0..<count).map { _ in Double.exp(0.1 * normal()) }
        let x = values(count, ratio: ratio, spread: spread)
        let y = values(count, spread: spread)
        return (zip(x, drifts).map { $0 * $1 }, zip(y, drifts).map { $0 * $1 })
    }

    /// The arms of runs in blocks, each block in an order of its own.
    mutating func shuffledBlocks(arms: Int, blocks: Int) -> [Int] {
        (0..<blocks).flatMap { _ in (0..<arms).shuffled(using: &generator) }
    }
}
