public import Quantities

/// One job of a batch system's accounting that has ended.
public struct PastJob: Sendable, Hashable {
    /// As the batch system names it, as `123` or `123_4`.
    public var id: String
    public var name: String
    /// One word, as `COMPLETED` or `TIMEOUT`.
    public var state: String
    /// As a shell says it: 128 and the signal where it was killed; `nil` where the accounting does not tell.
    public var exitStatus: Int32?
    /// The start as it was written, which tells runs of a job apart that was queued again.
    public var startText: String
    /// Microseconds since 1970 (UTC).
    public var startedAt: Int64
    public var elapsed: Seconds
    /// 1 where the accounting does not tell.
    public var nodes: Int
    /// Processors of all nodes together; 0 where the accounting does not tell.
    public var processors: Int
    /// GPUs of all nodes together.
    public var gpus: Int
    public var cluster: String?
    public var account: String?
    public var partition: String?
    public var nodeList: String?
    /// What the batch system counted; `nil` where it knows nothing that can be believed.
    public var energy: Joules?
    /// What a reader must know of the energy, a sentence each.
    public var remarks: [String]

    /// Whether it did what it was to do.
    public var isComplete: Bool { state == "COMPLETED" }
    public var nodeHours: Double { Double(nodes) * elapsed.value / 3600 }
}

/// Why accounting data cannot be read, and what to do.
public struct PastJobError: Error, Sendable, Hashable, CustomStringConvertible {
    public var path: String
    /// From 1; 0 where the file as a whole is meant.
    public var line: Int
    public var problem: String
    public var remedy: String
    /// After sysexits.h: bad data.
    public var exitCode: Int32 { 65 }

    public var description: String { (line > 0 ? "\(path):\(line): " : "\(path): ") + problem + " " + remedy }
}
