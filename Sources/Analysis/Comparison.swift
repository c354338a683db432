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

    /// The quality axis.
    public struct Quality: Sendable, Codable, Hashable {
        public var metric: String
        public var baseline: Double
        public var candidate: Double
        public var margin: Double
        /// Candidate minus baseline.
        public var difference: Estimate
        public var verdict: QualityVerdict

        /// A judgement of quality; the arguments are the properties of the same names.
        public init(
            metric: String,
            baseline: Double,
            candidate: Double,
            margin: Double,
            difference: Estimate,
            verdict: QualityVerdict
        ) {
            self.metric = metric
            self.baseline = baseline
            self.candidate = candidate
            self.margin = margin
            self.difference = difference
            self.verdict = verdict
        }
    }

    public var baseline: Side
    public var candidate: Side
    public var speedup: Estimate
    public var energyRatio: Estimate?
    public var energySaved: Saving?
    public var powerRatio: Estimate?
    public var edpRatio: Estimate?
    public var co2eSavedGramsPerRun: Estimate?
    public var netEnergyRatio: Estimate?
    public var quality: Quality?
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
        netEnergyRatio: Estimate?,
        quality: Quality?,
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
        self.netEnergyRatio = netEnergyRatio
        self.quality = quality
        self.algorithmDiffers = algorithmDiffers
        self.verdict = verdict
        self.findings = findings
    }
}
