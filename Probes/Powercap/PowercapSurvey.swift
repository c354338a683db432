public import Metering
import Quantities
import SystemPackage

/// What the powercap tree of a machine offers: channels that can be read, and why others cannot.
public struct PowercapSurvey: Sendable {
    /// Whether anything can be read.
    public let availability: Availability
    /// The channels that can be read, packages before what lies in them.
    public let channels: [Channel]
    /// A sentence for each zone that is left out or that shows something odd.
    public let notes: [String]
    /// Those of the notes that a reader of a run must know: counters that are there and cannot be read.
    public let warnings: [String]

    let tree: FileTree
    /// The counters' paths on the machine, in the order of ``channels``.
    let counters: [String]

    /// Looks through the tree below `root`, reads every counter once, and keeps nothing open.
    public init(root: String = "/") {
        let tree = FileTree(root: root)
        let zones: [Zone]
        do throws(Errno) {
            zones = try Zone.scan(tree)
        } catch {
            self.init(tree, Self.unlisted(error))
            return
        }
        let readable = zones.filter { $0.count != nil }
        let warnings = zones.compactMap(Self.warning)
        guard !readable.isEmpty else {
            let isDenied = zones.contains { $0.failure == .permissionDenied || $0.failure == .notPermitted }
            self.init(
                tree,
                isDenied ? .denied(remedy: Self.remedy) : .absent(reason: Self.reason(zones, tree)),
                notes: warnings
            )
            return
        }
        var notes = warnings
        let kept = Self.withoutTwins(readable, &notes)
        notes += kept.flatMap(Self.oddities)
        if zones.contains(where: { $0.failure == .permissionDenied }) {
            notes.append("To read all: run as root, or give every energy_uj a group (chgrp energy) and mode 0440.")
        }
        let names = Self.names(zones)
        self.init(
            tree,
            .ready,
            channels: Self.channels(kept, names: names, tree),
            notes: notes,
            warnings: warnings,
            counters: kept.map(\.energyPath)
        )
    }

    private init(
        _ tree: FileTree,
        _ availability: Availability,
        channels: [Channel] = [],
        notes: [String] = [],
        warnings: [String] = [],
        counters: [String] = []
    ) {
        self.tree = tree
        self.availability = availability
        self.channels = channels
        self.notes = notes
        self.warnings = warnings
        self.counters = counters
    }

    /// Since kernel 5.10 only root reads the counters (CVE-2020-8694); a group is the way to let others do it.
    ///
    /// Never a mode for everyone: a counter tells of secrets that other processes compute with.
    static let remedy = """
        run as root, or let a group read the counters, with these commands and a new login:
        sudo groupadd -f energy
        sudo usermod -aG energy "$USER"
        echo 'SUBSYSTEM=="powercap", ACTION=="add", RUN+="/bin/chgrp energy /sys%p/energy_uj", \
        RUN+="/bin/chmod 0440 /sys%p/energy_uj"' | sudo tee /etc/udev/rules.d/70-wattbook-energy.rules
        sudo udevadm control --reload
        sudo udevadm trigger --action=add --subsystem-match=powercap
        """

    /// What it means that the folder itself cannot be listed.
    private static func unlisted(_ error: Errno) -> Availability {
        switch error {
        case .noSuchFileOrDirectory, .notDirectory:
            .absent(
                reason: "there is no \(Zone.folders[0]): a virtual machine, or no driver (modprobe intel_rapl_msr)"
            )
        case .permissionDenied, .notPermitted:
            .denied(remedy: "\(Zone.folders[0]) may not be listed: run as root, or where the folder is not closed")
        default: .absent(reason: "\(Zone.folders[0]) cannot be listed: \(error)")
        }
    }

    /// Why nothing can be read where nothing is denied.
    private static func reason(_ zones: [Zone], _ tree: FileTree) -> String {
        if zones.contains(where: { $0.failure != .noSuchFileOrDirectory }) { return "none of its counters can be read" }
        if !zones.isEmpty { return "none of its zones has an energy counter" }
        let links = ((try? tree.entries(Zone.folders[0])) ?? []).contains { $0.contains(":") }
        return links
            ? "\(Zone.folders[0]) names zones that are not there: a container hides them, as Docker does"
            : "\(Zone.folders[0]) holds no zone: no driver (modprobe intel_rapl_msr), or a container hides them"
    }

    private static func warning(_ zone: Zone) -> String? {
        guard let failure = zone.failure, failure != .noSuchFileOrDirectory else { return nil }
        return "\(zone.energyPath) (\(zone.place)) cannot be read: \(failure)."
    }

    private static func oddities(_ zone: Zone) -> [String] {
        var notes: [String] = []
        if zone.range == nil {
            notes.append(
                "\(zone.path) (\(zone.place)) does not tell its range: when it starts again, that step's joules are lost."
            )
        }
        // The driver registers no domain that reads 0 when it loads, so that a 0 is most likely a constant.
        if zone.count == 0 {
            notes.append("\(zone.energyPath) (\(zone.place)) shows 0: a counter that never moves gives no joules.")
        }
        return notes
    }

    /// Leaves out the memory-mapped view of a domain that is also read through registers, and second zones of one name.
    private static func withoutTwins(_ zones: [Zone], _ notes: inout [String]) -> [Zone] {
        let registers = Set(zones.filter { $0.isRAPL && !$0.isMapped }.map(\.place))
        var seen: Set<[String]> = []
        return zones.filter { zone in
            if zone.isMapped, registers.contains(zone.place) {
                notes.append(
                    "\(zone.path) (\(zone.place)) is the memory-mapped view of a counter that is read already."
                )
                return false
            }
            if !seen.insert([zone.controlType, zone.parentID ?? "", zone.name]).inserted {
                notes.append("\(zone.path) (\(zone.place)) has the name of a zone beside it and is left out.")
                return false
            }
            return true
        }
    }
}
