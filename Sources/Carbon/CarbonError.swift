/// Why grams cannot be computed, and what to do.
public struct CarbonError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of error; more may follow.
    public struct Code: RawRepresentable, Sendable, Hashable {
        public var rawValue: String

        /// A code with its stable name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// No row of the table has this code or name.
        public static let unknownZone = Code(rawValue: "unknown-zone")
        /// A power usage effectiveness below 1, or no number.
        public static let invalidPUE = Code(rawValue: "invalid-pue")
        /// A factor for unseen hardware below 1, or no number.
        public static let invalidFactor = Code(rawValue: "invalid-factor")
        /// Grams per kilowatt-hour below 0, or no number.
        public static let invalidIntensity = Code(rawValue: "invalid-intensity")
        /// Embodied carbon, a life or a share that cannot be.
        public static let invalidEmbodied = Code(rawValue: "invalid-embodied")
        /// No preset has this name.
        public static let unknownPreset = Code(rawValue: "unknown-preset")
        /// A time series that does not parse, has holes, or does not cover the run.
        public static let invalidSeries = Code(rawValue: "invalid-series")
        /// A live source that needs a key which nobody gave.
        public static let missingKey = Code(rawValue: "missing-key")
        /// A live source that did not answer, refused or sent what makes no sense.
        public static let serviceFailed = Code(rawValue: "service-failed")
        /// Two sources of one intensity at once.
        public static let severalSources = Code(rawValue: "several-sources")
        /// Intensities of different meaning, which must not be set against each other.
        public static let differentMeaning = Code(rawValue: "different-meaning")
        /// A row of a built-in table does not parse.
        public static let damagedTable = Code(rawValue: "damaged-table")
    }

    public var code: Code
    /// What is wrong, a sentence.
    public var problem: String
    /// What to do about it, a sentence.
    public var remedy: String
    /// The sysexits code: 65 (bad data) where the user said it, 78 (configuration) where a plan or the environment did.
    public var exitCode: Int32

    /// An error; the arguments are the properties of the same names.
    public init(code: Code, problem: String, remedy: String, exitCode: Int32 = 65) {
        self.code = code
        self.problem = problem
        self.remedy = remedy
        self.exitCode = exitCode
    }

    public var description: String { problem + " " + remedy }
}
