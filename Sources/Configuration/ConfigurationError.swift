/// What is wrong with a file that a user wrote, and where.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file.
    public var path: String
    /// The line, from 1; 0 where the file as a whole is meant.
    public var line: Int
    /// One sentence without file and line.
    public var problem: String
    /// One sentence that says what to do.
    public var remedy: String
    /// After sysexits.h: 66 where there is no file, else 78.
    public var exitCode: Int32

    /// An error; the arguments are the properties of the same names.
    public init(path: String, line: Int, problem: String, remedy: String, exitCode: Int32 = 78) {
        self.path = path
        self.line = line
        self.problem = problem
        self.remedy = remedy
        self.exitCode = exitCode
    }

    /// File and line, problem, remedy.
    public var description: String {
        (line > 0 ? "\(path):\(line): " : "\(path): ") + problem + " " + remedy
    }
}
