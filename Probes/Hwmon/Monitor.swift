import Metering
import SystemPackage

/// One folder of `/sys/class/hwmon`: what one driver shows of one device.
///
/// Its number changes from boot to boot; the driver's name and the device's address do not.
struct Monitor {
    /// The class folder.
    static let folder = "/sys/class/hwmon"

    var path: String
    /// The driver's word for it, as `amdgpu`.
    var name: String
    /// The device's address on its bus, as `0000:c1:00.0`; the folder's own name where there is no link to it.
    var address: String

    /// Every monitor, in the order of addresses.
    static func scan(_ tree: FileTree) throws(Errno) -> [Monitor] {
        try tree.entries(folder).filter { $0.hasPrefix("hwmon") }.compactMap { entry in
            let path = folder + "/" + entry
            guard let name = tree.line(path + "/name") ?? tree.line(path + "/device/name"), !name.isEmpty else {
                return nil
            }
            return Monitor(path: path, name: name, address: address(path, entry, tree))
        }.sorted { ($0.name, $0.address) < ($1.name, $1.address) }
    }

    private static func address(_ path: String, _ entry: String, _ tree: FileTree) -> String {
        if let last = tree.link(path + "/device")?.split(separator: "/").last { return String(last) }
        // The folder itself is a link to `.../<address>/hwmon/hwmonN`.
        let parts = (tree.link(path) ?? "").split(separator: "/")
        return parts.count > 2 && parts[parts.count - 2] == "hwmon" ? String(parts[parts.count - 3]) : entry
    }

    /// The path of a file: in the folder itself or, as with older drivers, in that of the device.
    func file(_ name: String, _ tree: FileTree) -> String? {
        ["\(path)/\(name)", "\(path)/device/\(name)"].first { tree.exists($0) }
    }

    /// The text of a file in the folder or in the device's; `nil` where there is none.
    func text(_ name: String, _ tree: FileTree) -> String? {
        file(name, tree).flatMap { tree.line($0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A channel's name with the device's address, which ``HwmonSurvey`` takes away where it is not needed.
    func channelName(_ label: String) -> String {
        "hwmon/\(name)/\(String(label.map { $0.isWhitespace || $0 == "/" ? "-" : $0 }))@\(address)"
    }

    /// The numbers of the files `<kind>N<end>`, as 1 and 2 for `energy1_input` and `energy2_input`, with their paths.
    func numbered(_ kind: String, _ end: String, _ tree: FileTree) -> [(number: Int, path: String)] {
        for folder in [path, path + "/device"] {
            let found = ((try? tree.entries(folder)) ?? []).compactMap { entry -> (number: Int, path: String)? in
                guard entry.hasPrefix(kind), entry.hasSuffix(end) else { return nil }
                return Int(entry.dropFirst(kind.count).dropLast(end.count)).map { ($0, folder + "/" + entry) }
            }
            if !found.isEmpty { return found.sorted { $0.number < $1.number } }
        }
        return []
    }

    /// Whether the folder itself shows a power or an energy.
    func hasPower(_ tree: FileTree) -> Bool {
        ((try? tree.entries(path)) ?? []).contains { entry in
            (entry.hasPrefix("power") || entry.hasPrefix("energy"))
                && (entry.hasSuffix("_input") || entry.hasSuffix("_average"))
        }
    }
}
