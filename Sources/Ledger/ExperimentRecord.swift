/// The metric by which an experiment judges quality.
public struct QualityCriterion: Sendable, Codable, Hashable {
    /// The name of a metric of the marks, as `iou`.
    public var metric: String
    public var higherIsBetter: Bool
    /// The loss that still counts as kept, in the metric's unit.
    public var margin: Double

    /// A criterion; the arguments are the properties of the same names.
    public init(metric: String, higherIsBetter: Bool, margin: Double) {
        self.metric = metric
        self.higherIsBetter = higherIsBetter
        self.margin = margin
    }
}

/// A value of a metric, until which time and energy are told.
public struct QualityTarget: Sendable, Codable, Hashable {
    /// The name of a metric of the marks, as `iou`.
    public var metric: String
    /// In the metric's unit.
    public var value: Double
    public var higherIsBetter: Bool

    /// A target; the arguments are the properties of the same names.
    public init(metric: String, value: Double, higherIsBetter: Bool = true) {
        self.metric = metric
        self.value = value
        self.higherIsBetter = higherIsBetter
    }
}

/// A speed-up that others published, to be shown beside the experiment's own.
public struct PublishedSpeedup: Sendable, Codable, Hashable {
    public var speedup: Double
    /// Who found it and of what, as `up to, on GPUs (Doe 2023, time only)`.
    public var label: String

    /// A speed-up with its source.
    public init(speedup: Double, label: String) {
        self.speedup = speedup
        self.label = label
    }
}

/// An experiment as it was planned; fixed when its first run starts.
public struct ExperimentRecord: Sendable, Codable, Hashable {
    public var id: String
    public var name: String
    /// Wall clock at its creation, microseconds since 1970 (UTC).
    public var createdAt: Int64
    /// The plan file's text, byte for byte.
    public var plan: String
    /// Factor names in plan order, each with its levels in plan order.
    public var factors: [Factor]
    /// The arms, where the plan lists them; `nil`: every combination of levels.
    public var listedArms: [[String: String]]?
    /// Levels of the factors that define the baseline.
    public var baseline: [String: String]
    /// Blocks; with ``until`` the most that there may be.
    public var repeats: Int
    /// How a first stage chooses the number of blocks; `nil` where it is fixed.
    public var until: Until?
    /// Measurements of all arms; `nil` where a first stage chooses their number.
    public var plannedRuns: Int? { until == nil ? repeats * arms.count : nil }
    public var warmup: Int
    public var order: String
    public var seed: UInt64
    public var quality: QualityCriterion?
    /// `nil` where the plan names none.
    public var target: QualityTarget?
    /// The fraction of energy from which on a saving matters; `nil` where the plan names none.
    public var smallestRelevantSaving: Double?
    /// What others published; `nil` where the plan names nothing.
    public var published: [PublishedSpeedup]?
    /// How it scales a program; `nil` where it does not.
    public var scaling: Scaling?
    /// What weakens the design, a sentence each; shown in every document.
    public var warnings: [String]

    /// A number of blocks that follows from a first stage (Stein's two stages).
    public struct Until: Sendable, Codable, Hashable {
        /// Half width of the 95 % interval of every ratio, over the ratio.
        public var relativeHalfWidth: Double
        /// Blocks of the first stage.
        public var firstStage: Int

        /// A target; the arguments are the properties of the same names.
        public init(relativeHalfWidth: Double, firstStage: Int) {
            self.relativeHalfWidth = relativeHalfWidth
            self.firstStage = firstStage
        }
    }

    /// One factor with its levels.
    public struct Factor: Sendable, Codable, Hashable {
        public var name: String
        public var levels: [String]

        /// A factor with its levels, in plan order.
        public init(name: String, levels: [String]) {
            self.name = name
            self.levels = levels
        }
    }

    /// An experiment; the arguments are the properties of the same names.
    public init(
        id: String,
        name: String,
        createdAt: Int64,
        plan: String,
        factors: [Factor],
        listedArms: [[String: String]]? = nil,
        baseline: [String: String],
        repeats: Int,
        until: Until? = nil,
        warmup: Int,
        order: String,
        seed: UInt64,
        quality: QualityCriterion?,
        target: QualityTarget? = nil,
        smallestRelevantSaving: Double? = nil,
        published: [PublishedSpeedup]? = nil,
        scaling: Scaling? = nil,
        warnings: [String]
    ) {
        self.id = id
        self.name = name
        self.createdAt = createdAt
        self.plan = plan
        self.factors = factors
        self.listedArms = listedArms
        self.baseline = baseline
        self.repeats = repeats
        self.until = until
        self.warmup = warmup
        self.order = order
        self.seed = seed
        self.quality = quality
        self.target = target
        self.smallestRelevantSaving = smallestRelevantSaving
        self.published = published
        self.scaling = scaling
        self.warnings = warnings
    }
}

extension ExperimentRecord {
    /// The arms in plan order.
    public var arms: [[String: String]] { listedArms ?? Self.combinations(of: factors) }

    /// Every combination of levels, the last factor changing fastest; one arm without levels where there is no factor.
    public static func combinations(of factors: [Factor]) -> [[String: String]] {
        factors.reduce([[:]]) { arms, factor in
            arms.flatMap { arm in
                factor.levels.map { level in arm.merging([factor.name: level]) { _, new in new } }
            }
        }
    }
}
