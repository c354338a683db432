public import Metering

/// Probes that one thread reads at one beat.
public struct ProbeGroup {
    /// Nanoseconds between two readings; `nil`: the run's interval.
    public let cadence: Int64?
    /// The probes, opened.
    public let probes: [ProbeBox]
}

/// Every interface of a machine, and which of their channels a run reads and adds up.
public struct Inventory: Sendable {
    /// All interfaces that were looked for, sensors first.
    public internal(set) var interfaces: [Interface]
    /// What the total leaves out that a reader would look for, a sentence each.
    public internal(set) var omissions: [String] = []

    init(interfaces: [Interface]) { self.interfaces = interfaces }

    /// The channels that a run reads, in the order of reading.
    public var channels: [Channel] { groups.flatMap { $0.flatMap(\.channels) } }
    /// The names of the channels that make the total.
    public var coverage: [String] { channels.filter(\.inTotal).map(\.name) }
    /// The product names of the GPUs that are measured.
    public var gpus: [String] { interfaces.filter(\.isRead).flatMap(\.gpus) }
    /// The part of the world that the total speaks of.
    public var scope: EnergyScope { EnergyScope(channels) }
    /// Whether there is nothing to read.
    public var isEmpty: Bool { !interfaces.contains(where: \.isRead) }

    /// What the reader of a run should know of the sensors that were not read, a sentence each.
    public var warnings: [String] {
        omissions
            + interfaces.flatMap { interface -> [String] in
                if interface.isReady { return interface.isRead ? interface.warnings : [] }
                return isMissed(interface) ? [interface.lack].compactMap(\.self) : []
            }
    }

    /// Whether an interface was named and is absent, or is denied and would have told more than those that are read.
    private func isMissed(_ interface: Interface) -> Bool {
        if case .absent = interface.availability { return interface.isNamed }
        // A counter of the whole node contains what it would have told.
        if interfaces.contains(where: { $0.standing <= .node && $0.channels.contains(where: \.inTotal) }) {
            return false
        }
        let measured = channels.filter { $0.inTotal && $0.basis == .measured }
        if interface.standing == .coarse { return measured.isEmpty }
        // Perf events and powercap show the same counters.
        guard ["perf", "powercap"].contains(interface.name) else { return true }
        return !measured.contains { $0.hardware?.hasPrefix("rapl/") ?? false }
    }

    /// Opens every interface that is read; throws what the first one that fails throws.
    ///
    /// - Parameter process: The process that is measured, for counters that follow it.
    /// - Returns: What is read at the run's interval first, then each slow source alone.
    public func open(for process: Int32? = nil) throws -> [ProbeGroup] {
        try groups.map { group in
            ProbeGroup(
                cadence: group[0].cadence,
                probes: try group.map { Described(try $0.open(process), as: $0.channels) }
            )
        }
    }

    /// The interfaces that are read, by the thread that reads them; none is empty.
    private var groups: [[Interface]] {
        let read = interfaces.filter(\.isRead)
        let fast = read.filter { $0.cadence == nil }
        return (fast.isEmpty ? [] : [fast]) + read.filter { $0.cadence != nil }.map { [$0] }
    }
}
