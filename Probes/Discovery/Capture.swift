import Glibc
import Metering
public import SystemPackage

/// A copy of a machine's sensor tree, for others to test with.
///
/// Only files that a probe reads are copied, by a list of their names, so that serial numbers and addresses stay where
/// they are; the host's name is replaced and the boot's id is blanked wherever they stand in what is copied.
public struct Capture: Sendable {
    /// How many files were written.
    public private(set) var written = 0
    /// Files that are there and could not be read, with the system's reason.
    public private(set) var unreadable: [String] = []

    private let tree: FileTree
    private let folder: String
    private let hostName: String?

    /// Copies the tree below `root` to a folder, which is made and must not hold anything yet.
    ///
    /// - Throws: the system's reason where the folder cannot be written.
    public static func write(root: String, to folder: String) throws(Errno) -> Capture {
        var capture = Capture(root: root, folder: folder)
        try capture.makeFolder(folder)
        if let entries = try? FileTree(root: "").entries(folder), !entries.isEmpty { throw .directoryNotEmpty }
        for pattern in Self.patterns { try capture.copy(pattern) }
        return capture
    }

    private init(root: String, folder: String) {
        tree = FileTree(root: root)
        self.folder = folder
        hostName = tree.line("/proc/sys/kernel/hostname")
    }

    /// The files by interface; a star stands for any part of one name.
    static let patterns = [
        "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/kernel/hostname", "/proc/sys/kernel/osrelease",
        "/proc/sys/kernel/perf_event_paranoid", "/etc/os-release",
        "/sys/class/powercap/*:*/name", "/sys/class/powercap/*:*/*_uj", "/sys/class/powercap/*:*/power_uw",
        "/sys/devices/virtual/powercap/*/*:*/name", "/sys/devices/virtual/powercap/*/*:*/*_uj",
        "/sys/devices/virtual/powercap/*/*:*/*:*/name", "/sys/devices/virtual/powercap/*/*:*/*:*/*_uj",
        "/sys/bus/event_source/devices/power*/type", "/sys/bus/event_source/devices/power*/cpumask",
        "/sys/bus/event_source/devices/power*/format/*", "/sys/bus/event_source/devices/power*/events/*",
        "/sys/devices/system/cpu/cpu*/topology/physical_package_id",
        "/sys/devices/system/cpu/cpu*/topology/die_id", "/sys/devices/system/cpu/cpu*/topology/core_id",
        "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
        "/sys/class/hwmon/hwmon*/name", "/sys/class/hwmon/hwmon*/power*_*", "/sys/class/hwmon/hwmon*/energy*_*",
        "/sys/class/hwmon/hwmon*/in*_*", "/sys/class/hwmon/hwmon*/curr*_*",
        "/sys/class/hwmon/hwmon*/update_interval", "/sys/class/hwmon/hwmon*/device",
        "/sys/class/hwmon/hwmon*/device/power*_*", "/sys/class/hwmon/hwmon*/device/vendor",
        "/sys/class/hwmon/hwmon*/device/device",
        "/sys/cray/pm_counters/*",
        "/sys/class/power_supply/*/type", "/sys/class/power_supply/*/status", "/sys/class/power_supply/*/scope",
        "/sys/class/power_supply/*/*_now",
    ]

    /// Copies what fits a pattern.
    private mutating func copy(_ pattern: String) throws(Errno) {
        var paths = [""]
        for part in pattern.split(separator: "/") {
            paths = paths.flatMap { path in
                part.contains("*")
                    ? ((try? tree.entries(path)) ?? []).filter { matches($0, part) }.map { path + "/" + $0 }
                    : ["\(path)/\(part)"]
            }
        }
        for path in paths where tree.exists(path) { try copy(file: path) }
    }

    private mutating func copy(file path: String) throws(Errno) {
        guard (try? tree.entries(path)) == nil else {
            // A folder is not a file: what it holds has patterns of its own. Which device it is, its link's name tells.
            if let device = tree.link(path)?.split(separator: "/").last { try link(path, to: String(device)) }
            return
        }
        var text = ""
        do throws(Errno) {
            text = scrubbed(try tree.text(path), of: path)
        } catch {
            unreadable.append("\(path): \(error)")
            return
        }
        try makeFolder(folder + String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
        try write(text, to: folder + path)
        written += 1
    }

    /// Makes a link to a folder of that name among the devices, where the files behind it will be.
    private func link(_ path: String, to device: String) throws(Errno) {
        try makeFolder(folder + "/sys/devices/" + device)
        try makeFolder(folder + String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
        let up = String(repeating: "../", count: path.split(separator: "/").count - 2)
        guard unsafe symlink("\(up)devices/\(device)", folder + path) != 0 else { return }
        throw Errno(rawValue: errno)
    }

    private func scrubbed(_ text: String, of path: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // Arm boards tell their serial number here.
        if path == "/proc/cpuinfo" { lines.removeAll { $0.hasPrefix("Serial") } }
        guard let hostName, !hostName.isEmpty else { return lines.joined(separator: "\n") }
        return lines.map { replacing(hostName, in: $0) }.joined(separator: "\n")
    }

    private func makeFolder(_ path: String) throws(Errno) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            guard unsafe mkdir(made, 0o755) != 0, errno != EEXIST else { continue }
            throw Errno(rawValue: errno)
        }
    }

    private func write(_ text: String, to path: String) throws(Errno) {
        do {
            let file = try unsafe FileDescriptor.open(
                path,
                .writeOnly,
                options: [.create, .exclusiveCreate],
                permissions: FilePermissions(rawValue: 0o644)
            )
            try file.closeAfter { _ = try file.writeAll(text.utf8) }
        } catch let error as Errno {
            throw error
        } catch {
            throw .ioError
        }
    }
}

/// Whether a name fits a pattern with stars.
func matches(_ name: some StringProtocol, _ pattern: some StringProtocol) -> Bool {
    guard let head = pattern.first else { return name.isEmpty }
    if head != "*" { return name.first == head && matches(name.dropFirst(), pattern.dropFirst()) }
    let rest = pattern.dropFirst()
    return name.indices.contains { matches(name[$0...], rest) } || rest.isEmpty
}

/// A text with a word in place of another, wherever that stands.
private func replacing(_ word: String, in text: String) -> String {
    var result = ""
    var rest = text[...]
    while !rest.isEmpty {
        if rest.hasPrefix(word) {
            result += "host"
            rest = rest.dropFirst(word.count)
        } else {
            result.append(rest.removeFirst())
        }
    }
    return result
}
