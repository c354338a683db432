import Metering
import SystemPackage

/// One zone of the powercap tree that has an energy counter.
struct Zone: Hashable {
    /// Its folder's name, as `intel-rapl:0:1`.
    var id: String
    /// Its path on the machine.
    var path: String
    /// The domain in the driver's words.
    var name: String
    /// The counter's largest value in µJ; `nil` where it is not told.
    var range: UInt64?
    /// Why the counter cannot be read; `nil` where it can.
    var failure: Errno?

    var controlType: String { String(id.prefix { $0 != ":" }) }
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
    static let folder = "/sys/class/powercap"

    /// Every zone with an energy counter, in the order of control types and indices.
    ///
    /// The class folder shows all zones flat, as links; recorded trees often have the nested form. Both are walked and a
    /// zone is known by its folder's name. A sub-zone's name begins with its parent's, which also keeps the
    /// walk out of `device`, `subsystem` and their circles.
    static func scan(_ tree: FileTree) throws(Errno) -> [Zone] {
        var found: [String: Zone] = [:]
        for entry in try tree.entries(folder) { walk(folder + "/" + entry, entry, tree, &found) }
        return found.values.sorted { a, b in
            a.controlType == b.controlType
                ? a.indices.lexicographicallyPrecedes(b.indices) : a.controlType < b.controlType
        }
    }

    private static func walk(_ path: String, _ name: String, _ tree: FileTree, _ found: inout [String: Zone]) {
        guard found[name] == nil, let entries = try? tree.entries(path) else { return }
        if name.contains(":"), entries.contains("energy_uj") {
            found[name] = Zone(
                id: name,
                path: path,
                name: tree.line(path + "/name") ?? "unnamed",
                range: tree.line(path + "/max_energy_range_uj").flatMap { UInt64($0) },
                failure: counterFailure(path + "/energy_uj", tree)
            )
        }
        for entry in entries where entry.hasPrefix(name + ":") { walk(path + "/" + entry, entry, tree, &found) }
    }

    /// Whether the counter opens.
    ///
    /// A read that fails now may succeed at the next tick; a file that may not be opened won't.
    private static func counterFailure(_ path: String, _ tree: FileTree) -> Errno? {
        do {
            try tree.open(path).close()
            return nil
        } catch let error as Errno {
            return error
        } catch {
            return .ioError
        }
    }
}
