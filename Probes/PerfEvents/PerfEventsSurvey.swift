public import Metering
import RAPL
import SystemPackage

/// What the energy counters of the kernel's perf events offer: channels that can be read, and why others cannot.
public struct PerfEventsSurvey: Sendable {
    /// Whether anything can be read.
    public let availability: Availability
    /// The channels that can be read.
    public let channels: [Channel]
    /// A sentence for each event that is left out.
    public let notes: [String]
    /// Those of the notes that a reader of a run must know: counters that are there and do not open.
    public let warnings: [String]

    /// The counters in the order of ``channels``.
    let events: [Event]

    /// Looks through the tree below `root`, opens every counter once, and keeps nothing open.
    ///
    /// The counters are always this machine's. With a root of its own the tree may be another's: then only a unit whose
    /// number means the same everywhere is opened.
    public init(root: String = "/") {
        let tree = FileTree(root: root)
        var notes: [String] = []
        let units = EnergyUnit.names.compactMap { EnergyUnit($0, tree, &notes) }
        guard !units.isEmpty else {
            let reason =
                notes.first
                ?? "there is no \(EnergyUnit.folder)/power: a virtual machine, or no driver (modprobe rapl)"
            self.init(.absent(reason: reason))
            return
        }
        if !tree.root.isEmpty, let unit = units.first(where: { $0.type >= EnergyUnit.firstDynamicType }) {
            self.init(
                .absent(
                    reason: """
                        the counters of \(tree.path(EnergyUnit.folder))/\(unit.name) are those of the machine that has \
                        these files as its own: read them there, without a root
                        """
                ),
                notes: notes
            )
            return
        }
        var warnings: [String] = []
        var failures: [Errno] = []
        let readable = PlacedEvent.all(of: units, tree, &notes).filter { placed in
            do throws(Errno) {
                try Self.check(placed.event)
                return true
            } catch {
                failures.append(error)
                warnings.append("\(placed.counter.source) cannot be read: \(error).")
                return false
            }
        }
        guard !readable.isEmpty else {
            self.init(Self.unreadable(failures), notes: notes)
            return
        }
        let counters = readable.map(\.counter)
        self.init(
            .ready,
            channels: Chip(tree, counters).channels(of: counters),
            notes: notes + warnings,
            warnings: warnings,
            events: readable.map(\.event)
        )
    }

    private init(
        _ availability: Availability,
        channels: [Channel] = [],
        notes: [String] = [],
        warnings: [String] = [],
        events: [Event] = []
    ) {
        self.availability = availability
        self.channels = channels
        self.notes = notes
        self.warnings = warnings
        self.events = events
    }

    /// Opens an event, reads it once and closes it.
    private static func check(_ event: Event) throws(Errno) {
        let file = try event.open()
        defer { try? file.close() }
        _ = try file.readEvent().get()
    }

    /// What it means that none opens.
    private static func unreadable(_ failures: [Errno]) -> Availability {
        if failures.contains(.permissionDenied) { return .denied(remedy: remedy) }
        if failures.contains(.notPermitted) {
            return .denied(
                remedy: """
                    perf_event_open is forbidden here, as in a container: start the container with a seccomp profile that \
                    allows it and with the capability (docker run --cap-add PERFMON ...)
                    """
            )
        }
        guard let failure = failures.first else { return .absent(reason: "none of its units has an event in joules") }
        return .absent(reason: "none of its events opens: \(failure)")
    }

    /// The value that refuses, the one capability that helps, and what the other way opens.
    ///
    /// Always of this machine, whose kernel refused.
    static var remedy: String {
        let file = "/proc/sys/kernel/perf_event_paranoid"
        let value = FileTree(root: "/").line(file) ?? "not readable"
        return """
            \(file) is \(value). Give the program the one capability that it needs (Linux 5.8 or later):
            sudo setcap cap_perfmon=ep $(command -v wattbook)
            or run as root, or let every user of this machine count events of whole processors, by which each sees what \
            the others' programs do:
            sudo sysctl kernel.perf_event_paranoid=0
            """
    }
}
