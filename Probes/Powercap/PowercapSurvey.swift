public import Metering
import Quantities
import SystemPackage

/// What the powercap tree of a machine offers: channels that can be read, and why others cannot.
public struct PowercapSurvey: Sendable {
    /// Whether anything can be read.
    public let availability: Availability
    /// The channels that can be read, packages before what lies in them.
    public let channels: [Channel]
    /// A sentence for each zone that is left out.
    public let notes: [String]

    let tree: FileTree
    /// The counters' paths on the machine, in the order of ``channels``.
    let counters: [String]

    /// Looks through the tree below `root`; opens nothing for long.
    public init(root: String = "/") {
        let tree = FileTree(root: root)
        var notes: [String] = []
        let zones: [Zone]
        do throws(Errno) {
            zones = try Zone.scan(tree)
        } catch {
            let why =
                error == .noSuchFileOrDirectory
                ? "there is no \(Zone.folder): a virtual machine, a container that hides it, or no driver (modprobe intel_rapl_msr)"
                : "\(Zone.folder) cannot be listed: \(error)"
            self.init(tree, .absent(reason: why))
            return
        }
        guard !zones.isEmpty else {
            let why = "\(Zone.folder) holds no zone with an energy counter: no driver, or a container that hides it"
            self.init(tree, .absent(reason: why))
            return
        }
        let readable = zones.filter { $0.failure == nil }
        for zone in zones {
            if let failure = zone.failure { notes.append("\(zone.path) (\(zone.name)) cannot be read: \(failure).") }
        }
        guard !readable.isEmpty else {
            let isDenied = zones.contains { $0.failure == .permissionDenied || $0.failure == .notPermitted }
            self.init(tree, isDenied ? .denied(remedy: Self.remedy) : .absent(reason: "no counter opens"), notes: notes)
            return
        }
        let kept = Self.withoutTwins(readable, &notes)
        let isAMD = ["AuthenticAMD", "HygonGenuine"].contains { tree.line("/proc/cpuinfo")?.contains($0) ?? false }
        let named = Self.names(kept, isAMD: isAMD)
        let described = kept.compactMap { zone in
            named[zone.id].map { Self.channel(zone, $0, among: kept, names: named, isAMD: isAMD) }
        }
        self.init(tree, .ready, channels: described, notes: notes, counters: kept.map(\.energyPath))
    }

    private init(
        _ tree: FileTree,
        _ availability: Availability,
        channels: [Channel] = [],
        notes: [String] = [],
        counters: [String] = []
    ) {
        self.tree = tree
        self.availability = availability
        self.channels = channels
        self.notes = notes
        self.counters = counters
    }

    /// Since kernel 5.10 only root reads the counters (CVE-2020-8694); a group is the way to let others do it.
    static let remedy = """
        as root: `groupadd -f energy && usermod -aG energy USER`; write to /etc/udev/rules.d/70-powercap.rules the line \
        `SUBSYSTEM=="powercap", ACTION=="add", RUN+="/bin/sh -c 'chgrp energy /sys%p/energy_uj; chmod 0440 \
        /sys%p/energy_uj'"`; then `udevadm control --reload && udevadm trigger --action=add \
        --subsystem-match=powercap` and log in again
        """

    /// Leaves out the memory-mapped view of a domain that is also read through registers, and second zones of one name.
    private static func withoutTwins(_ zones: [Zone], _ notes: inout [String]) -> [Zone] {
        func place(_ zone: Zone) -> String {
            let parent = zone.parentID.flatMap { id in zones.first { $0.id == id }?.name } ?? ""
            return parent + "/" + zone.name
        }
        let mapped = "intel-rapl-mmio"
        let registers = Set(zones.filter { $0.controlType != mapped }.map(place))
        var seen: Set<[String]> = []
        return zones.filter { zone in
            if zone.controlType == mapped, registers.contains(place(zone)) {
                notes.append("\(zone.path) (\(zone.name)) is the memory-mapped view of a counter that is read already.")
                return false
            }
            if !seen.insert([zone.controlType, zone.parentID ?? "", zone.name]).inserted {
                notes.append("\(zone.path) (\(zone.name)) has the name of a zone beside it and is left out.")
                return false
            }
            return true
        }
    }
}
