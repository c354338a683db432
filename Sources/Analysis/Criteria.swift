public import Ledger

/// What a comparison is asked beyond its ratios.
public struct Criteria: Sendable, Hashable {
    /// The metric that must be kept; `nil` leaves the axis out.
    public var quality: QualityCriterion?
    /// The value of a metric until which time and energy are told; `nil` asks nothing.
    public var target: QualityTarget?
    /// The fraction of energy from which on a saving matters; `nil` asks nothing.
    public var smallestRelevantSaving: Double?
    /// The plan's wanted width, and the pairs that chose the number of pairs, where the design has two stages.
    public var until: ExperimentRecord.Until?
    /// What the intervals of time and energy rest on.
    public var intervals: IntervalMethod

    /// Criteria; the arguments are the properties of the same names.
    public init(
        quality: QualityCriterion? = nil,
        target: QualityTarget? = nil,
        smallestRelevantSaving: Double? = nil,
        until: ExperimentRecord.Until? = nil,
        intervals: IntervalMethod = .t
    ) {
        self.quality = quality
        self.target = target
        self.smallestRelevantSaving = smallestRelevantSaving
        self.until = until
        self.intervals = intervals
    }

    /// What an experiment's plan asks.
    public init(of experiment: ExperimentRecord) {
        self.init(
            quality: experiment.quality,
            target: experiment.target,
            smallestRelevantSaving: experiment.smallestRelevantSaving,
            until: experiment.until
        )
    }
}
