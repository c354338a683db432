public import Glibc
import Metering
public import SystemPackage

/// A folder of a test's own that stands for a machine's root; removed with the object.
public final class TemporaryTree: Sendable {
    /// The folder.
    public let root: String

    /// Makes the folder; every user may look into it.
    public init() throws(Errno) {
        var template = Array("/tmp/wattbook-tree-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        unsafe chmod(root, 0o755)
    }

    /// Makes the folder with what another one holds, links as links.
    public convenience init(copyOf folder: String) throws {
        try self.init()
        try copy(FileTree(root: folder), "")
    }

    deinit { Self.remove(root) }

    private func copy(_ source: FileTree, _ path: String) throws {
        for name in try source.entries(path) {
            let entry = path + "/" + name
            if let target = source.link(entry) {
                link(entry, to: target)
            } else if (try? source.entries(entry)) != nil {
                try copy(source, entry)
            } else {
                try write(entry, try source.text(entry))
            }
        }
    }

    /// Writes a file in place, so that an open descriptor sees the new text; makes the folders on its way.
    public func write(_ path: String, _ text: String) throws {
        makeFolders(path)
        let file = try unsafe FileDescriptor.open(
            root + path,
            .writeOnly,
            options: [.create, .truncate],
            permissions: FilePermissions(rawValue: 0o644)
        )
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }

    /// Writes over the beginning of a file, which is never empty in between.
    public func overwrite(_ path: String, _ text: String) throws {
        let file = try unsafe FileDescriptor.open(root + path, .writeOnly)
        try file.closeAfter { _ = try file.writeAll(toAbsoluteOffset: 0, text.utf8) }
    }

    /// Makes a symbolic link.
    public func link(_ path: String, to target: String) {
        makeFolders(path)
        unsafe symlink(target, root + path)
    }

    /// Makes a program of a shell script, which may be written anew.
    ///
    /// A link to one that is never written: a file that some other test's child still holds open for writing cannot be
    /// executed (`ETXTBSY`).
    public func program(_ path: String, _ script: String) throws {
        try write(path + ".script", script + "\n")
        link(path, to: "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/stand-in")
    }

    /// Sets a file's mode.
    public func mode(_ path: String, _ mode: mode_t) { unsafe chmod(root + path, mode) }

    /// Removes a file, or a folder with all that it holds.
    public func remove(_ path: String) { Self.remove(root + path) }

    /// Makes a powercap zone as the kernel shows it: a nested folder of devices, and a link in the class folder.
    ///
    /// - Returns: The path of the zone's folder of devices.
    @discardableResult
    public func zone(
        _ id: String,
        _ name: String,
        energy: UInt64? = 1_000_000,
        range: UInt64? = 262_143_328_850
    ) throws -> String {
        let parts = id.split(separator: ":")
        var path = "powercap/\(parts[0])"
        for depth in 1..<parts.count { path += "/" + parts[0...depth].joined(separator: ":") }
        let folder = "/sys/devices/virtual/" + path
        try write(folder + "/name", name + "\n")
        if let range { try write(folder + "/max_energy_range_uj", "\(range)\n") }
        if let energy { try write(folder + "/energy_uj", "\(energy)\n") }
        link("/sys/class/powercap/\(parts[0])", to: "../../devices/virtual/powercap/\(parts[0])")
        link("/sys/class/powercap/\(id)", to: "../../devices/virtual/" + path)
        return folder
    }

    private func makeFolders(_ path: String) {
        var folder = root
        for part in path.split(separator: "/").dropLast() {
            folder += "/" + part
            unsafe mkdir(folder, 0o755)
        }
    }

    private static func remove(_ path: String) {
        // Links are removed, not followed: `unlink` takes them before a folder is looked into.
        guard unsafe unlink(path) != 0 else { return }
        let tree = FileTree(root: path)
        for entry in (try? tree.entries("")) ?? [] { remove(path + "/" + entry) }
        unsafe rmdir(path)
    }
}

/// The folder `Fixtures/<name>` beside a test's source file.
public func fixture(_ name: String, of file: String = #filePath) -> String {
    let folder = file.split(separator: "/").dropLast().joined(separator: "/")
    return "/\(folder)/Fixtures/\(name)"
}
