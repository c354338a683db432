public import Quantities

/// A stretch of a run for which a channel gave no usable reading.
public struct Gap: Sendable, Codable, Hashable {
    /// Start and end, in seconds from the run's start.
    public var from: Double
    public var to: Double
    /// Why: `missing`, `reset`, `ambiguous`, `late`.
    public var reason: String

    /// A gap between two instants, in seconds from the run's start.
    public init(from: Double, to: Double, reason: String) {
        self.from = from
        self.to = to
        self.reason = reason
    }
}

/// The joules of one channel over a run.
public struct ChannelEnergy: Sendable, Codable, Hashable {
    /// The channel.
    public var channel: Channel
    /// Joules between the run's start and end; `nil` where the readings allow no statement.
    public var joules: Joules?
    /// Expanded uncertainty (95 %) with the sensor's calibration.
    public var uncertainty: Joules?
    /// Standard uncertainty without the calibration gain: what remains in a ratio on the same sensor.
    public var randomUncertainty: Joules?
    /// Mean power over the covered time.
    public var meanPower: Watts?
    /// Largest mean power between two neighbouring readings.
    public var maxPower: Watts?
    /// Readings that were used.
    public var samples: Int
    /// Times the counter passed its range.
    public var wraps: Int
    /// Times the counter was found lower than any wrap explains.
    public var resets: Int
    /// Stretches without usable readings.
    public var gaps: [Gap]
    /// What the uncertainty is made of; `nil` in ledgers that were written before it was kept.
    public var budget: UncertaintyBudget?

    /// The energy of a channel; the arguments are the properties of the same names.
    public init(
        channel: Channel,
        joules: Joules?,
        uncertainty: Joules?,
        randomUncertainty: Joules?,
        meanPower: Watts?,
        maxPower: Watts?,
        samples: Int,
        wraps: Int,
        resets: Int,
        gaps: [Gap],
        budget: UncertaintyBudget? = nil
    ) {
        self.channel = channel
        self.joules = joules
        self.uncertainty = uncertainty
        self.randomUncertainty = randomUncertainty
        self.meanPower = meanPower
        self.maxPower = maxPower
        self.samples = samples
        self.wraps = wraps
        self.resets = resets
        self.gaps = gaps
        self.budget = budget
    }
}

/// Joules with everything that a reader needs to believe them.
///
/// There is no total without its coverage and basis.
public struct EnergyReading: Sendable, Codable, Hashable {
    /// The sum over the covered channels; `nil` where none could be read.
    public var joules: Joules?
    /// Expanded uncertainty (95 %).
    public var uncertainty: Joules?
    /// Standard uncertainty without calibration gains.
    public var randomUncertainty: Joules?
    /// Measured, modelled or mixed.
    public var basis: Basis
    /// The names of the channels in the sum.
    public var coverage: [String]
    /// What the uncertainty is made of; `nil` in ledgers that were written before it was kept.
    public var budget: UncertaintyBudget?

    /// A sum of channels; the arguments are the properties of the same names.
    public init(
        joules: Joules?,
        uncertainty: Joules?,
        randomUncertainty: Joules?,
        basis: Basis,
        coverage: [String],
        budget: UncertaintyBudget? = nil
    ) {
        self.joules = joules
        self.uncertainty = uncertainty
        self.randomUncertainty = randomUncertainty
        self.basis = basis
        self.coverage = coverage
        self.budget = budget
    }
}

/// The joules of one region, over all its visits.
public struct RegionEnergy: Sendable, Codable, Hashable {
    /// The path, as `train/epoch`.
    public var path: String
    /// How often it was entered.
    public var count: Int
    /// Time in the region: the union of its visits, so that threads side by side do not count twice.
    public var duration: Seconds
    /// Joules of the total's channels in that time.
    public var joules: Joules?
    /// Expanded uncertainty (95 %), with what the power can do between two samples.
    public var uncertainty: Joules?
    /// Counts that the workload added in this region, as `images`, and events that were counted in its time.
    public var counts: [String: Int]
    /// What the uncertainty is made of; `nil` in ledgers that were written before it was kept.
    public var budget: UncertaintyBudget?

    /// The energy of a region; the arguments are the properties of the same names.
    public init(
        path: String,
        count: Int,
        duration: Seconds,
        joules: Joules?,
        uncertainty: Joules?,
        counts: [String: Int],
        budget: UncertaintyBudget? = nil
    ) {
        self.path = path
        self.count = count
        self.duration = duration
        self.joules = joules
        self.uncertainty = uncertainty
        self.counts = counts
        self.budget = budget
    }
}

/// All that is derived from a run's traces and marks.
public struct EnergyAccount: Sendable, Codable, Hashable {
    /// The total with coverage and basis.
    public var total: EnergyReading
    /// Every channel, those outside the total too.
    public var channels: [ChannelEnergy]
    /// Every region, in the order of first entry.
    public var regions: [RegionEnergy]
    /// Every metric of the marks, by name; `nil` in ledgers that were written before they were kept.
    public var metrics: [MetricCourse]?
    /// Events that were counted, by channel; `nil` where none was asked for.
    public var events: [EventCount]?

    /// The workload's own counts and those of the events.
    public func counts(with own: [String: Int]) -> [String: Int] {
        let counted = (events ?? []).compactMap { event in event.count.map { (event.name, $0) } }
        return own.merging(counted, uniquingKeysWith: { own, _ in own })
    }

    /// What a reader of the total must know, a sentence each: a sum leaves nothing out in silence.
    public var warnings: [String] {
        channels.filter { $0.channel.inTotal && $0.joules == nil }.map { energy in
            var still = "its counter did not move"
            if case .power = energy.channel.kind { still = "it showed 0 W throughout" }
            let why =
                energy.samples < 2
                ? "it gave no two readings" : energy.gaps.isEmpty ? still : "its readings have gaps that hide too much"
            return "\(energy.channel.name) is missing from the total: \(why)."
        } + (events ?? []).compactMap(\.warning)
    }

    /// An account of a run.
    public init(
        total: EnergyReading,
        channels: [ChannelEnergy],
        regions: [RegionEnergy],
        metrics: [MetricCourse]? = nil,
        events: [EventCount]? = nil
    ) {
        self.total = total
        self.channels = channels
        self.regions = regions
        self.metrics = metrics
        self.events = events
    }
}
