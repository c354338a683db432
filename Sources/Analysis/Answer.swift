public import Metering

/// What an experiment's own runs say to one question of a study of precision.
public struct Answer: Sendable, Codable, Hashable {
    /// What is asked.
    public enum Question: String, Sendable, Codable, Hashable, CaseIterable {
        /// How much faster and how many joules less is mixed precision?
        case precision
        /// Does the gain grow with a size?
        case size
        /// Which framework is faster, and which gains more?
        case framework
        /// Did quality stay?
        case quality
    }

    /// The answer in a word; intervals decide, never the figures alone.
    public enum Verdict: String, Sendable, Codable, Hashable {
        case yes, no
        /// Yes in some places and not in others.
        case partly
        case notShown = "not-shown"
    }

    public var question: Question
    /// The factor that it is about; of quality the metric.
    public var factor: String
    /// The question in words.
    public var title: String
    public var verdict: Verdict
    /// The answer in one sentence.
    public var sentence: String
    /// The region that seconds and joules are of; `nil`: the whole run.
    public var region: String?
    /// What these seconds and joules are an amount of work's, as `image`; `nil`: all of the region's or run's.
    public var per: String?
    /// What stands behind its joules; `nil` where it holds none.
    public var basis: Basis?
    /// The figures behind it, one a row.
    public var figures: [Figure]
}

extension Answer {
    /// A figure's quantity; ratios and factors have no unit.
    public enum Quantity: String, Sendable, Codable, Hashable, CaseIterable {
        /// Time of the reference over time of the subject.
        case speedup
        /// Joules of the subject over those of the reference.
        case energyRatio = "energy-ratio"
        /// Joules of the reference less those of the subject, in joules.
        case energySaved = "energy-saved-j"
        /// Factor on the speed-up with each doubling of the size.
        case speedupPerDoubling = "speedup-per-doubling"
        /// Factor on the energy ratio with each doubling of the size.
        case energyRatioPerDoubling = "energy-ratio-per-doubling"
        /// Mean time in seconds.
        case duration = "duration-s"
        /// Mean energy in joules.
        case energy = "energy-j"
        /// Speed-up of the subject by mixed precision over that of the reference.
        case speedupGainRatio = "speedup-gain-ratio"
        /// Energy ratio of the subject by mixed precision over that of the reference.
        case energyGainRatio = "energy-gain-ratio"
        /// The metric of the subject less that of the reference, in the metric's unit.
        case qualityDifference = "quality-difference"
    }

    /// What is known of the algorithms of both sides, so that none is credited to precision.
    public enum Algorithms: String, Sendable, Codable, Hashable {
        /// Both sides named the same one.
        case same
        /// Neither side names one: the library chose, perhaps not alike.
        case untold
        /// Each side at the algorithm that is fastest for it.
        case best
        /// The sides named different ones, or differ in another option that they told, as in the layout of pixels.
        case different

        /// Whether a gain may be called that of precision.
        public var isPrecisionAlone: Bool { self == .same || self == .untold }
    }

    /// One figure with its interval, adjusted for the number of figures of its quantity in the answer.
    public struct Figure: Sendable, Codable, Hashable {
        public var quantity: Quantity
        /// The side in words, as `bf16 in pytorch, filters=8`.
        public var subject: String
        /// Where means of several subjects stand side by side, as `fp32, filters=8`; `nil` of other figures.
        public var place: String?
        /// What it is set against; `nil` of a mean.
        public var reference: String?
        /// The levels of the factors that the subject stands at.
        public var levels: [String: String]
        public var estimate: Estimate
        /// Of gains by precision; `nil` of other figures.
        public var algorithms: Algorithms?
        /// The margin of quality; `nil` of other figures.
        public var margin: Double?
    }

    /// Why an image is compared, in a sentence.
    var reasonForImages: String {
        "Arms did different amounts of the same work: what is compared of them is an image"
            + (region.map { " in region \($0)" } ?? "") + ", and no whole run."
    }

    /// The figures of one quantity.
    public func figures(_ quantity: Quantity) -> [Figure] { figures.filter { $0.quantity == quantity } }
}
