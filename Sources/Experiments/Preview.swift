public import Ledger

/// An experiment as it would be run.
public struct Preview: Sendable {
    /// Each arm with its command in the first block.
    public var arms: [(label: String, command: String)]
    /// The labels of each block's arms in their order; empty where the seed is not known.
    public var blocks: [[String]]
    public var progress: Progress
}

extension Plan {
    /// The newest experiment of this plan's name and text in a ledger.
    public func newestExperiment(in ledger: LedgerFile) throws -> ExperimentRecord? {
        try ledger.experiments().first { $0.name == name && $0.plan == text }
    }

    /// What would be run: of an experiment that has begun what is left.
    ///
    /// - Parameters:
    ///   - experiment: The one that would go on; `nil` for a new one.
    ///   - runs: All its runs.
    public func preview(experiment: ExperimentRecord?, runs: [RunRecord]) -> Preview {
        let seed = experiment?.seed ?? seed
        let course = Course(plan: self, seed: seed ?? 0, runs: runs)
        let first = course.steps.first { $0.role == .measurement }
        let commands = arms.map { arm in
            let step = Step(role: .measurement, levels: arm, block: 0, seed: first?.seed ?? 0)
            let words = command(of: step).command.map { $0.contains(" ") ? "'\($0)'" : $0 }
            return (label(of: arm), words.joined(separator: " "))
        }
        let blocks = (0..<(seed == nil ? 0 : course.blocks)).map { block in
            course.steps.filter { $0.block == block }.map { label(of: $0.levels) }
        }
        return Preview(arms: commands, blocks: blocks, progress: course.progress)
    }
}
