/// A failure of the ledger, as its user reads it.
public struct LedgerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure; it decides the exit code.
    public struct Code: Sendable, Hashable {
        /// The exit code after sysexits.h.
        public let exitCode: Int32
        private let name: String

        /// The file is no ledger, or a part of it cannot be read.
        public static let badData = Code(exitCode: 65, name: "badData")
        /// A run says more of itself than a row holds.
        public static let tooLarge = Code(exitCode: 65, name: "tooLarge")
        /// There is no such file, run or experiment.
        public static let notFound = Code(exitCode: 66, name: "notFound")
        /// The file cannot be made.
        public static let cannotWrite = Code(exitCode: 73, name: "cannotWrite")
        /// The disk is full or broken.
        public static let inputOutput = Code(exitCode: 74, name: "inputOutput")
        /// Another process holds the file.
        public static let locked = Code(exitCode: 74, name: "locked")
        /// The file or folder may not be used.
        public static let noPermission = Code(exitCode: 77, name: "noPermission")
        /// What is asked for disagrees with what is stored.
        public static let conflict = Code(exitCode: 78, name: "conflict")
    }

    /// The kind of failure.
    public var code: Code
    /// One sentence that names the file or the run.
    public var problem: String
    /// One sentence that says what to do.
    public var remedy: String

    /// A failure; the arguments are the properties of the same names.
    public init(_ code: Code, _ problem: String, remedy: String) {
        self.code = code
        self.problem = problem
        self.remedy = remedy
    }

    /// Both sentences.
    public var description: String { "\(problem) \(remedy)" }
}
