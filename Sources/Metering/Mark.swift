/// One line that a workload wrote about itself.
public struct Mark: Sendable, Hashable, Codable {
    /// What the line says.
    public enum Event: Sendable, Hashable, Codable {
        case begin(region: String, attributes: [String: String])
        case end(region: String)
        case count([String: Int])
        case metric([String: Double])
        case info([String: String])
    }

    /// Nanoseconds of `CLOCK_MONOTONIC`.
    public var time: Int64
    /// The writer: process and thread.
    public var pid: Int32
    public var tid: Int32
    /// What it says.
    public var event: Event

    /// A mark; the arguments are the properties of the same names.
    public init(time: Int64, pid: Int32, tid: Int32, event: Event) {
        self.time = time
        self.pid = pid
        self.tid = tid
        self.event = event
    }
}

/// All marks of a run, as they stand in its marks file.
public struct Marks: Sendable, Hashable, Codable {
    /// Lines that parse, in file order.
    public var marks: [Mark]
    /// How many lines did not parse.
    public var rejected: Int
    /// The first of them, cut to 80 characters, for the warning.
    public var firstRejected: String?

    /// Marks that were already parsed.
    public init(marks: [Mark] = [], rejected: Int = 0, firstRejected: String? = nil) {
        self.marks = marks
        self.rejected = rejected
        self.firstRejected = firstRejected
    }
}
