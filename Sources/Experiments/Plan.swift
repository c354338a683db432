public import Carbon
public import Ledger

/// A designed experiment as its author wrote it, with every default filled in.
public struct Plan: Sendable, Hashable {
    /// Where an arm's values go into the command that is measured.
    public struct Workload: Sendable, Hashable {
        /// The program and its arguments, with placeholders.
        public var command: [Template]
        /// Variables that the command finds in its environment beside ours, with placeholders.
        public var environment: [String: Template]
    }

    /// How the arms of a block are ordered.
    public enum Order: String, Sendable, Hashable, CaseIterable {
        /// Every block holds each arm once, shuffled: drift over time falls on all arms alike.
        case randomizedBlocks = "randomized-blocks"
        /// Every block holds each arm once, in the order of the plan: drift over time looks like an effect.
        case fixed
    }

    /// The file that it was read from, as messages name it.
    public var path: String
    /// The file's text, byte for byte.
    public var text: String
    public var name: String
    public var workload: Workload
    /// Values of placeholders that are the same in all arms.
    public var parameters: [String: String]
    /// In plan order, each with its levels in plan order.
    public var factors: [ExperimentRecord.Factor]
    /// By factor and level the words that the level stands for in the command; factors without are their levels.
    public var commands: [String: [String: [Template]]]
    /// The arms, where the plan lists them; `nil`: every combination of levels.
    public var listedArms: [[String: String]]?
    /// Levels of the factors that define the baseline.
    public var baseline: [String: String]
    /// Blocks; with ``until`` the most that there may be.
    public var repeats: Int
    /// How a first stage chooses the number of blocks; `nil` where it is fixed.
    public var until: ExperimentRecord.Until?
    public var warmup: Int
    public var order: Order
    /// Seed of the order and of `{seed}`; `nil`: drawn when the experiment is made, and recorded.
    public var seed: UInt64?
    /// Nanoseconds of rest between two runs.
    public var cooldown: Int64
    /// Nanoseconds of idle that are measured before the first and after the last run; 0: none.
    public var idle: Int64
    /// Nanoseconds between two readings.
    public var interval: Int64
    public var quality: QualityCriterion?
    /// The value of a metric until which time and energy are told; `nil`: none is named.
    public var target: QualityTarget?
    /// The fraction of energy from which on a saving matters; `nil`: none is named.
    public var smallestRelevantSaving: Double?
    /// Speed-ups that others published, shown beside the experiment's own; `nil`: none is named.
    public var published: [PublishedSpeedup]?
    public var carbon: CarbonSettings

    /// The arms in plan order.
    public var arms: [[String: String]] { listedArms ?? ExperimentRecord.combinations(of: factors) }

    /// What weakens the design by the author's choice, a sentence each.
    public var warnings: [String] {
        var warnings: [String] = []
        if repeats < 2 {
            warnings.append("With one run an arm nothing can be said of chance: no interval, no verdict.")
        }
        if order == .fixed, arms.count > 1 {
            warnings.append("The order is fixed: whatever drifts over time looks like an effect of the arms.")
        }
        if idle > 0, idle < 5_000_000_000 {
            warnings.append("Idle power is measured for less than 5 s: figures above idle rest on little.")
        }
        return warnings
    }
}
