public import Metering

/// A hardware interface as it stands on this machine.
public struct Interface: Sendable {
    /// The name that `--probe` takes.
    public let name: String
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

    let open: @Sendable () throws -> ProbeBox

    init(
        name: String,
        availability: Availability,
        channels: [Channel],
        notes: [String] = [],
        warnings: [String] = [],
        gpus: [String] = [],
        open: @escaping @Sendable () throws -> ProbeBox
    ) {
        self.name = name
        self.availability = availability
        self.channels = channels
        self.notes = notes
        self.warnings = warnings
        self.gpus = gpus
        self.open = open
    }

    var isReady: Bool { availability == .ready }
}

/// Every interface of a machine, and which of their channels a run reads and adds up.
public struct Inventory: Sendable {
    /// All interfaces that were looked for, sensors first.
    public internal(set) var interfaces: [Interface]
    /// The part of the world that the total speaks of.
    public let scope = "components"

    /// The channels of all usable interfaces, in the order of reading.
    public var channels: [Channel] { interfaces.filter(\.isReady).flatMap(\.channels) }
    /// The names of the channels that make the total.
    public var coverage: [String] { channels.filter(\.inTotal).map(\.name) }
    /// The product names of the GPUs that are measured.
    public var gpus: [String] { interfaces.filter(\.isReady).flatMap(\.gpus) }
    /// Whether there is nothing to read.
    public var isEmpty: Bool { !interfaces.contains(where: \.isReady) }

    /// What the reader of a run should know of the sensors that were not read, a sentence each.
    public var warnings: [String] {
        interfaces.flatMap { interface -> [String] in
            switch interface.availability {
            case .ready: interface.warnings
            case .denied: ["\(interface.name) may not be read by this user: `wattbook probes` tells what would help."]
            case .absent: []
            }
        }
    }

    /// Opens every usable interface; throws what the first one that fails throws.
    public func open() throws -> [ProbeBox] {
        try interfaces.filter(\.isReady).map { Described(try $0.open(), as: $0.channels) }
    }
}

/// Why no inventory could be made.
public struct DiscoveryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was asked for.
    public let name: String
    /// The names that there are.
    public let known: [String]
    /// One sentence, and one on what to do.
    public var description: String {
        "There is no probe named \(name). Choose from: \(known.joined(separator: ", "))."
    }
}
