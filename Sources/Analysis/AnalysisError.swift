/// Why runs cannot be analysed, and what to do.
public struct AnalysisError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of error; more may follow.
    public struct Code: RawRepresentable, Sendable, Hashable {
        public var rawValue: String

        /// A code with its stable name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// No run ended in order with status 0.
        public static let noFinishedRun = Code(rawValue: "no-finished-run")
    }

    public var code: Code
    /// What is wrong, a sentence.
    public var problem: String
    /// What to do about it, a sentence.
    public var remedy: String
    /// The sysexits code: 65, bad data.
    public var exitCode: Int32 { 65 }

    public var description: String { problem + " " + remedy }

    /// The error of a side or study without a run that counts.
    static func noFinishedRun(of subject: String) -> AnalysisError {
        AnalysisError(
            code: .noFinishedRun,
            problem: "No run of \(subject) ended in order with status 0.",
            remedy: "Look at what they printed, and run them again."
        )
    }
}
