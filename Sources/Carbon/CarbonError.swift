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
        /// A row of the table of grids does not parse.
        public static let damagedTable = Code(rawValue: "damaged-table")
    }

    public var code: Code
    /// What is wrong, a sentence.
    public var problem: String
    /// What to do about it, a sentence.
    public var remedy: String
    /// The sysexits code: 64 (usage) where the user said it, 78 (configuration) where a plan or the environment did.
    public var exitCode: Int32

    /// An error; the arguments are the properties of the same names.
    public init(code: Code, problem: String, remedy: String, exitCode: Int32 = 64) {
        self.code = code
        self.problem = problem
        self.remedy = remedy
        self.exitCode = exitCode
    }

    public var description: String { problem + " " + remedy }
}
