public import Metering

/// A hardware interface as it stands on this machine.
public struct Interface: Sendable {
    /// How much of the machine a source sees, and how well; the best that covers the processor makes the total.
    public enum Standing: Int, Sendable, Comparable {
        /// A meter that the user named for this run.
        case chosen
        /// A counter of the whole node that is as fine as those of its parts.
        case node
        /// Sensors of parts: packages, memory, GPUs.
        case sensor
        /// Slow or rounded: a board's controller, what a batch system tells.
        case coarse
        /// A recording that is played.
        case recording
        /// Computed from utilisation.
        case model

        public static func < (a: Standing, b: Standing) -> Bool { a.rawValue < b.rawValue }
    }

    /// The name that `--probe` takes.
    public let name: String
    /// How it ranks among the others.
    public let standing: Standing
    /// Nanoseconds between two readings of a source that is too slow for the run's interval; `nil`: that interval.
    ///
    /// Such a source is read from a thread of its own, so that it never holds up the counters.
    public let cadence: Int64?
    /// Whether it can be used.
    public let availability: Availability
    /// What it reads, with `inTotal` decided.
    public internal(set) var channels: [Channel]
    /// What a reader should know: zones left out, counters that cannot be read.
    public let notes: [String]
    /// Those of the notes that belong into every run.
    public let warnings: [String]
    /// The product names of the GPUs that it measures.
    public let gpus: [String]
    /// Whether a run reads it: a coarse source beside finer ones only costs, unless it was named.
    public internal(set) var isRead: Bool

    /// Whether the user asked for it by name.
    var isNamed = false

    let open: @Sendable (Int32?) throws -> ProbeBox

    /// An interface; the arguments are the properties of the same names.
    ///
    /// - Parameter open: Opens it; takes the process that is measured, where there is one.
    init(
        name: String,
        standing: Standing,
        cadence: Int64? = nil,
        availability: Availability,
        channels: [Channel],
        notes: [String] = [],
        warnings: [String] = [],
        gpus: [String] = [],
        open: @escaping @Sendable (_ process: Int32?) throws -> ProbeBox
    ) {
        self.name = name
        self.standing = standing
        self.cadence = cadence
        self.availability = availability
        self.channels = channels
        self.notes = notes
        self.warnings = warnings
        self.gpus = gpus
        isRead = availability == .ready
        self.open = open
    }

    /// Whether it can be used now.
    public var isReady: Bool { availability == .ready }

    /// Why it gives nothing, a sentence; `nil` where it is ready.
    public var lack: String? {
        switch availability {
        case .ready: nil
        case .absent(let reason): "\(name) is absent: \(reason)."
        case .denied: "\(name) may not be read by this user: `wattbook probes` tells what would help."
        }
    }
}
