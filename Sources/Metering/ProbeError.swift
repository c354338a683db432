public import SystemPackage

/// A failure of a probe, with what the sampler is to do about it.
public struct ProbeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What the sampler does: it acts on this alone.
    public enum Consequence: Sendable, Hashable {
        /// Read again at the next tick; this tick is a gap.
        case dropTick
        /// The source is gone for good; its channels end here.
        case closeProbe
    }

    /// What to do.
    public var consequence: Consequence
    /// The system's reason, where there is one.
    public var errno: Errno?
    /// The file or device.
    public var source: String
    /// One sentence that says what went wrong.
    public var problem: String

    /// Describes a failure; the arguments are the properties of the same names.
    public init(_ consequence: Consequence, source: String, problem: String, errno: Errno? = nil) {
        self.consequence = consequence
        self.errno = errno
        self.source = source
        self.problem = problem
    }

    /// The problem and its source on one line.
    public var description: String { "\(problem) (\(source))" }
}

/// Whether a sensor can be used here.
///
/// Absence is not failure.
public enum Availability: Sendable, Hashable {
    /// It can be read now.
    case ready
    /// This machine does not have it, and why that is known.
    case absent(reason: String)
    /// It is there and may not be read; the remedy is exact enough to be typed.
    case denied(remedy: String)
}
