import Glibc
import SystemPackage

/// A powercap tree in a temporary folder, of packages with a memory each; removed with the object.
final class CounterTree {
    let root: String

    init(packages: Int) throws {
        var template = Array("/tmp/wattbook-bench-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for folder in Self.folders { unsafe mkdir(root + folder, 0o755) }
        for package in 0..<packages {
            try zone("intel-rapl:\(package)", "package-\(package)")
            try zone("intel-rapl:\(package):0", "dram")
        }
    }

    deinit {
        for file in made.reversed() where unsafe unlink(root + file) != 0 { unsafe rmdir(root + file) }
        for folder in Self.folders.reversed() { unsafe rmdir(root + folder) }
        unsafe rmdir(root)
    }

    private static let folders = ["/sys", "/sys/class", "/sys/class/powercap"]
    private var made: [String] = []

    private func zone(_ id: String, _ name: String) throws {
        let folder = "/sys/class/powercap/" + id
        unsafe mkdir(root + folder, 0o755)
        made.append(folder)
        for (file, text) in [("name", name), ("max_energy_range_uj", "262143328850"), ("energy_uj", "123456789012")] {
            made.append(folder + "/" + file)
            try Self.write(text + "\n", to: root + folder + "/" + file)
        }
    }

    /// Makes a file.
    static func write(_ text: String, to path: String) throws {
        let file = try unsafe FileDescriptor.open(
            path,
            .writeOnly,
            options: [.create],
            permissions: FilePermissions(rawValue: 0o644)
        )
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }
}
