/// Why the reference workload cannot go on: what is wrong in one sentence, what to do about it in another.
public struct UNetError: Error, Sendable, Hashable {
    /// Kind of an error; more may be added.
    public struct Code: Hashable, Sendable {
        private let name: String

        /// An option has a value that cannot work.
        public static let usage = Code(name: "usage")
        /// Input that exists but cannot be used.
        public static let badData = Code(name: "badData")
        /// A training whose loss is no number any more.
        public static let diverged = Code(name: "diverged")
        /// Input that does not exist.
        public static let missingInput = Code(name: "missingInput")
        /// Output that cannot be written.
        public static let cannotWrite = Code(name: "cannotWrite")
        /// A device that failed while it was read or written.
        public static let inputOutput = Code(name: "inputOutput")
        /// A file that this user may not read or write.
        public static let noPermission = Code(name: "noPermission")
        /// Something that this machine or build cannot do.
        public static let unsupported = Code(name: "unsupported")
    }

    /// Kind of the error.
    public var code: Code
    /// One sentence that names the file or value.
    public var problem: String
    /// One sentence that says what to do.
    public var remedy: String

    /// Creates an error from its two sentences.
    public init(code: Code, problem: String, remedy: String) {
        self.code = code
        self.problem = problem
        self.remedy = remedy
    }

    /// The same error, of a file that the sentence names first.
    public func of(_ path: String) -> UNetError {
        guard code == .badData, !problem.contains(path) else { return self }
        let rest = problem.prefix(1).lowercased() + problem.dropFirst()
        return UNetError(code: code, problem: "\(path): \(rest)", remedy: remedy)
    }
}
