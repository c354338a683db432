public import Ledger

/// A figure with its 95 % interval; the bounds are `nil` where the data allow none (one run an arm).
public struct Estimate: Sendable, Codable, Hashable {
    public var value: Double
    public var low: Double?
    public var high: Double?
    /// Two-sided p-value against "no difference", adjusted where several comparisons stand together.
    public var p: Double?

    /// A figure with its interval.
    public init(value: Double, low: Double? = nil, high: Double? = nil, p: Double? = nil) {
        self.value = value
        self.low = low
        self.high = high
        self.p = p
    }
}

/// What a comparison says about energy.
public enum EnergyVerdict: String, Sendable, Codable, Hashable {
    case savesEnergy = "saves-energy"
    case costsEnergy = "costs-energy"
    case noDifferenceShown = "no-difference-shown"
    case dependsOnIdle = "depends-on-idle"
    case notComparable = "not-comparable"
}

/// What a comparison says about quality, by one-sided non-inferiority at the margin.
public enum QualityVerdict: String, Sendable, Codable, Hashable {
    case kept, lost
    case notShown = "not-shown"
}

/// Whether a difference in energy matters, by the plan's smallest relevant saving.
public enum EnergyRelevance: String, Sendable, Codable, Hashable {
    /// All of the interval lies beyond it, on one side.
    case relevant
    /// All of the interval lies within it.
    case negligible
    case undecided
}

/// What the intervals of time and energy rest on.
public enum IntervalMethod: String, Sendable, Codable, Hashable {
    /// Student's t on logarithms.
    case t
    /// Resampled runs or pairs, corrected for bias and skewness.
    case bootstrap = "bootstrap-bca"
}

/// A candidate beside its baseline.
///
/// Every ratio is candidate over baseline but the speed-up, which is
/// baseline time over candidate time.
public struct Comparison: Sendable, Codable, Hashable {
    /// One side of a comparison.
    public struct Side: Sendable, Codable, Hashable {
        public var label: String
        public var runs: Int
        public var runIDs: [String]

        /// One side: its label, its number of runs and their ids.
        public init(label: String, runIDs: [String]) {
            self.label = label
            self.runs = runIDs.count
            self.runIDs = runIDs
        }
    }

    /// Whether a side has but one run, so that no interval can be given.
    public var isSingle: Bool { min(baseline.runs, candidate.runs) < 2 }

    /// Energy saved: the fraction, and the joules of one run.
    public struct Saving: Sendable, Codable, Hashable {
        public var fraction: Double
        public var low: Double?
        public var high: Double?
        public var joulesPerRun: Double

        /// A saving with the interval of its fraction.
        public init(fraction: Double, low: Double?, high: Double?, joulesPerRun: Double) {
            self.fraction = fraction
            self.low = low
            self.high = high
            self.joulesPerRun = joulesPerRun
        }
    }

    /// The difference of the logarithms of joules, candidate less baseline, in standard deviations.
    public struct Effect: Sendable, Codable, Hashable {
        /// Which standard deviation it is counted in: two effects of different kinds are not comparable.
        public enum Kind: String, Sendable, Codable, Hashable {
            /// That of the runs, pooled over both sides.
            case hedgesG = "hedges-g"
            /// That of the differences of pairs.
            case pairedDz = "paired-dz"
        }

        public var value: Double
        public var low: Double?
        public var high: Double?
        public var kind: Kind

        /// An effect with its interval.
        public init(value: Double, low: Double?, high: Double?, kind: Kind) {
            self.value = value
            self.low = low
            self.high = high
            self.kind = kind
        }
    }

    /// The quality axis.
    public struct Quality: Sendable, Codable, Hashable {
        public var metric: String
        public var baseline: Double
        public var candidate: Double
        public var margin: Double
        /// Candidate minus baseline.
        public var difference: Estimate
        public var verdict: QualityVerdict
        /// How probably such an experiment would show a true difference of nothing as kept; only where it is not shown.
        public var power: Double?
        /// Pairs (else repeats an arm) that would make this power 80 %; only where it is not shown.
        public var repeatsForPower: Int?
        /// Whether every pair differs by the same, so that there is no spread and the difference itself is judged.
        public var isDeterministic: Bool

        /// A judgement of quality; the arguments are the properties of the same names.
        public init(
            metric: String,
            baseline: Double,
            candidate: Double,
            margin: Double,
            difference: Estimate,
            verdict: QualityVerdict,
            power: Double? = nil,
            repeatsForPower: Int? = nil,
            isDeterministic: Bool = false
        ) {
            self.metric = metric
            self.baseline = baseline
            self.candidate = candidate
            self.margin = margin
            self.difference = difference
            self.verdict = verdict
            self.power = power
            self.repeatsForPower = repeatsForPower
            self.isDeterministic = isDeterministic
        }
    }

    /// Time and energy until a metric first reached a value.
    public struct Target: Sendable, Codable, Hashable {
        public var target: QualityTarget
        public var baseline: TargetReach
        public var candidate: TargetReach
        /// Candidate over baseline; `nil` unless every run of both sides reached it.
        public var timeRatio: Estimate?
        /// Candidate over baseline; `nil` also where joules must not be compared.
        public var energyRatio: Estimate?

        /// A comparison on the way to a target; the arguments are the properties of the same names.
        public init(
            target: QualityTarget,
            baseline: TargetReach,
            candidate: TargetReach,
            timeRatio: Estimate?,
            energyRatio: Estimate?
        ) {
            self.target = target
            self.baseline = baseline
            self.candidate = candidate
            self.timeRatio = timeRatio
            self.energyRatio = energyRatio
        }
    }

    /// Grams of CO2e saved a run, account by account; those by the grid and by the contract are never summed.
    public struct CarbonSaving: Sendable, Codable, Hashable {
        /// By the grid, with the joules.
        public var operational: Estimate
        /// By the contract, with the joules; `nil` where none is given.
        public var market: Estimate?
        /// With the time of the node; `nil` where nobody gave its carbon.
        public var embodied: Estimate?
        /// ``operational`` and ``embodied``.
        public var total: Estimate
        /// ``market`` and ``embodied``.
        public var marketTotal: Estimate?

        /// Whether more is saved of what was emitted in making the hardware than in running it.
        public var embodiedLeads: Bool { embodied.map { $0.value.magnitude > operational.value.magnitude } ?? false }

        /// A saving; the arguments are the properties of the same names.
        public init(
            operational: Estimate,
            market: Estimate? = nil,
            embodied: Estimate? = nil,
            total: Estimate,
            marketTotal: Estimate? = nil
        ) {
            self.operational = operational
            self.market = market
            self.embodied = embodied
            self.total = total
            self.marketTotal = marketTotal
        }
    }

    public var baseline: Side
    public var candidate: Side
    public var speedup: Estimate
    public var energyRatio: Estimate?
    public var energySaved: Saving?
    public var powerRatio: Estimate?
    public var edpRatio: Estimate?
    /// By the grid, with embodied carbon where it is known.
    public var co2eSavedGramsPerRun: Estimate?
    /// The same account by account.
    public var carbonSaved: CarbonSaving?
    public var netEnergyRatio: Estimate?
    public var quality: Quality?
    /// `nil` where no target is named.
    public var target: Target?
    /// Beside the plan's smallest relevant saving; `nil` where it names none.
    public var relevance: EnergyRelevance?
    /// `nil` where the runs tell no spread.
    public var effectSize: Effect?
    /// What the intervals of the speed-up and of the energy ratio rest on.
    public var intervalMethod: IntervalMethod
    /// Whether the sides differ in the convolution algorithm, which must not be credited to precision.
    public var algorithmDiffers: Bool
    public var verdict: EnergyVerdict
    /// Sentences for people: what the figures mean and what weakens them.
    public var findings: [String]

    /// A comparison; the arguments are the properties of the same names.
    public init(
        baseline: Side,
        candidate: Side,
        speedup: Estimate,
        energyRatio: Estimate?,
        energySaved: Saving?,
        powerRatio: Estimate?,
        edpRatio: Estimate?,
        co2eSavedGramsPerRun: Estimate?,
        carbonSaved: CarbonSaving? = nil,
        netEnergyRatio: Estimate?,
        quality: Quality?,
        target: Target? = nil,
        relevance: EnergyRelevance? = nil,
        effectSize: Effect? = nil,
        intervalMethod: IntervalMethod = .t,
        algorithmDiffers: Bool,
        verdict: EnergyVerdict,
        findings: [String]
    ) {
        self.baseline = baseline
        self.candidate = candidate
        self.speedup = speedup
        self.energyRatio = energyRatio
        self.energySaved = energySaved
        self.powerRatio = powerRatio
        self.edpRatio = edpRatio
        self.co2eSavedGramsPerRun = co2eSavedGramsPerRun
        self.carbonSaved = carbonSaved
        self.netEnergyRatio = netEnergyRatio
        self.quality = quality
        self.target = target
        self.relevance = relevance
        self.effectSize = effectSize
        self.intervalMethod = intervalMethod
        self.algorithmDiffers = algorithmDiffers
        self.verdict = verdict
        self.findings = findings
    }
}
