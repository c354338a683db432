import Metering
import SystemPackage

/// One zone of the powercap tree.
struct Zone: Hashable {
    /// Its folder's name, as `intel-rapl:0:1`.
    var id: String
    /// Its path on the machine.
    var path: String
    /// The domain in the driver's words.
    var name: String
    /// The counter's largest value in µJ; `nil` where it is not told.
    var range: UInt64?
    /// What the counter showed when it was first read; `nil` where it cannot be read.
    var count: UInt64?
    /// Why it cannot be read; `ENOENT` where the zone has no energy counter.
    var failure: Errno?
    /// The names of the zones around it and its own: `package-0/dram`, under its control type where that is not RAPL.
    var place = ""

    var controlType: String { String(id.prefix { $0 != ":" }) }
    /// Registers (`intel-rapl`) or mapped memory (`intel-rapl-mmio`): the same domains either way.
    var isRAPL: Bool { controlType.hasPrefix("intel-rapl") }
    var isMapped: Bool { controlType.hasPrefix("intel-rapl-mmio") }
    /// The folder's indices: `intel-rapl:0:1` is [0, 1].
    var indices: [Int] { id.split(separator: ":").dropFirst().compactMap { Int($0) } }
    /// The zone around it, of which it may or may not be a part.
    var parentID: String? {
        guard indices.count > 1, let end = id.lastIndex(of: ":") else { return nil }
        return String(id[..<end])
    }
    var energyPath: String { path + "/energy_uj" }
}

extension Zone {
    /// The class view, flat and of links, and the device view behind it, nested.
    static let folders = ["/sys/class/powercap", "/sys/devices/virtual/powercap"]

    /// Every zone, in the order of control types and indices.
    ///
    /// The class folder shows all zones flat, as links; the folder of the devices is nested, and serves where the class
    /// shows nothing. A zone is known by its folder's name, so that one that both forms show is one. A sub-zone's
    /// name begins with its parent's, which also keeps the walk out of `device`, `subsystem` and their circles.
    static func scan(_ tree: FileTree) throws(Errno) -> [Zone] {
        var found: [String: Zone] = [:]
        var failures: [Errno] = []
        for folder in folders where found.isEmpty {
            do throws(Errno) {
                for entry in try tree.entries(folder) { walk(folder + "/" + entry, entry, tree, &found) }
            } catch {
                failures.append(error)
            }
        }
        // A folder that is there and shows nothing is no failure.
        if failures.count == folders.count { throw failures[0] }
        return placed(
            found.values.sorted { a, b in
                a.controlType == b.controlType
                    ? a.indices.lexicographicallyPrecedes(b.indices) : a.controlType < b.controlType
            }
        )
    }

    private static func walk(_ path: String, _ name: String, _ tree: FileTree, _ found: inout [String: Zone]) {
        guard found[name] == nil else { return }
        let entries: [String]
        do throws(Errno) {
            entries = try tree.entries(path)
        } catch {
            if name.contains(":"), error == .permissionDenied {
                found[name] = Zone(id: name, path: path, name: name, failure: error)
            }
            return
        }
        if name.contains(":") { found[name] = read(path, name, tree) }
        for entry in entries where entry.hasPrefix(name + ":") { walk(path + "/" + entry, entry, tree, &found) }
    }

    private static func read(_ path: String, _ id: String, _ tree: FileTree) -> Zone {
        var zone = Zone(id: id, path: path, name: id)
        if let name = tree.line(path + "/name"), !name.isEmpty { zone.name = name }
        // A range of 0 tells nothing: every step would be a wrap.
        zone.range = tree.line(path + "/max_energy_range_uj").flatMap { UInt64($0) }.flatMap { $0 > 0 ? $0 : nil }
        do throws(Errno) {
            let file = try tree.open(zone.energyPath)
            defer { try? file.close() }
            zone.count = try file.readCount().get()
        } catch {
            zone.failure = error
        }
        return zone
    }

    /// The zones with their places; parents come before what lies in them.
    private static func placed(_ zones: [Zone]) -> [Zone] {
        var places: [String: String] = [:]
        return zones.map { zone in
            var placed = zone
            let around = zone.parentID.flatMap { places[$0] } ?? (zone.isRAPL ? "" : zone.controlType)
            placed.place = around.isEmpty ? zone.name : around + "/" + zone.name
            places[zone.id] = placed.place
            return placed
        }
    }
}
