import Ledger
import Statistics

/// One run of an experiment before it is run: what for, in which arm, and with which values.
struct Step: Sendable, Hashable {
    var role: RunRole
    var levels: [String: String]
    /// From 0; -1 for warm-ups and idle.
    var block: Int
    /// Fills `{seed}`; the same for all arms of a block.
    var seed: UInt64
}

extension Plan {
    /// Every run in order: idle, the warm-ups of each arm, the blocks, idle.
    ///
    /// The same seed gives the same order on every machine. Every order of a block is equally
    /// likely.
    func steps(seed: UInt64) -> [Step] {
        var random = SplitMix64(seed: seed)
        var steps: [Step] = []
        let rest = Step(role: .idle, levels: [:], block: -1, seed: 0)
        if idle > 0 { steps.append(rest) }
        for _ in 0..<warmup {
            let seed = random.workloadSeed()
            for arm in arms { steps.append(Step(role: .warmup, levels: arm, block: -1, seed: seed)) }
        }
        for block in 0..<repeats {
            let seed = random.workloadSeed()
            let order = order == .fixed ? arms : random.shuffled(arms)
            for arm in order { steps.append(Step(role: .measurement, levels: arm, block: block, seed: seed)) }
        }
        if idle > 0 { steps.append(rest) }
        return steps
    }

    /// The command and its own environment in an arm.
    func command(of step: Step) -> (command: [String], environment: [String: String]) {
        var values = values(in: step.levels)
        values["seed"] = "\(step.seed)"
        return (
            words(with: values), workload.environment.mapValues { $0.filled(with: values) }
        )
    }

    /// The values of the places in an arm, all but `{seed}`.
    func values(in levels: [String: String]) -> [String: String] {
        let values = parameters.merging(levels) { _, level in level }
        guard let scaling else { return values }
        return values.merging(scaling.values(in: levels, parameters: parameters)) { _, new in new }
    }

    /// What people call an arm: levels in plan order, as `precision=bf16,filters=16`.
    func label(of levels: [String: String]) -> String {
        let words = factors.compactMap { factor in levels[factor.name].map { "\(factor.name)=\($0)" } }
        return words.isEmpty ? name : words.joined(separator: ",")
    }
}

extension SplitMix64 {
    /// A seed that every framework takes: 31 bits.
    fileprivate mutating func workloadSeed() -> UInt64 { next() >> 33 }
}
