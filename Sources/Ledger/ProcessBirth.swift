import Foundation

/// What tells a process from any later one with the same number, as long as the machine stays up.
public struct ProcessBirth: Sendable, Codable, Hashable {
    /// The namespace of its number, as `pid:[4026531836]`: containers count for themselves.
    public var namespace: String
    /// When it started, in the kernel's ticks since boot.
    public var ticks: UInt64

    /// A birth; the arguments are the properties of the same names.
    public init(namespace: String, ticks: UInt64) {
        self.namespace = namespace
        self.ticks = ticks
    }

    /// Reads `/proc/PID/stat`; `nil` where no such process lives.
    ///
    /// One that was killed and waits to be reaped does not live.
    public init?(of pid: Int32) {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            // The program's name stands in parentheses and may hold anything.
            let name = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: name)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X", let ticks = UInt64(fields[19]) else { return nil }
        self.init(namespace: Self.ownNamespace, ticks: ticks)
    }

    /// The namespace in which this process sees others.
    static var ownNamespace: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")) ?? ""
    }
}
