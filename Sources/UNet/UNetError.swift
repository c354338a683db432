/// A failure of the workload in two sentences.
public struct UNetError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure; it decides the exit code.
    public struct Code: Sendable, Hashable {
        /// The exit code after sysexits.h.
        public let exitCode: Int32

        /// Wrong options.
        public static let usage = Code(exitCode: 64)
        /// A file whose content cannot be used.
        public static let badData = Code(exitCode: 65)
        /// A file or folder that is not there.
        public static let missingInput = Code(exitCode: 66)
        /// Something that this machine or build cannot do.
        public static let unsupported = Code(exitCode: 69)
        /// A file that cannot be written.
        public static let cannotWrite = Code(exitCode: 73)
    }

    /// The kind of failure.
    public var code: Code
    /// One sentence that names the file or value.
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
