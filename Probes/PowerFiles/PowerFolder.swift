import Glibc
import Metering
import Quantities
import SystemPackage

/// One device's folder of power files.
struct PowerFolder {
    /// How a file of numbers stands.
    enum Numbers: Hashable {
        case absent
        case ready
        /// It is there and gives nothing; why.
        case failed(Errno)
    }

    /// The folder's own name, and the folder around it.
    var name: String
    var directory: String
    /// The device's name in the words of its `name` file.
    var title: String?
    var uuid: String?
    /// The name of the device that includes this one.
    var outer: String?
    /// The time over which `power_mw` averages; zero where it is not told: a present power.
    var window: Seconds
    var energy: Numbers
    var power: Numbers

    var path: String { directory + "/" + name }
    var energyPath: String { path + "/energy_mj" }
    var powerPath: String { path + "/power_mw" }
    var isReadable: Bool { energy == .ready || power == .ready }

    /// The devices in a directory, by name; folders without a file of numbers are none, nor are hidden ones.
    static func scan(_ directory: String, _ tree: FileTree) throws(Errno) -> [PowerFolder] {
        try tree.entries(directory).filter { !$0.hasPrefix(".") }.compactMap { name in
            let folder = PowerFolder(name, in: directory, tree)
            return folder.energy == .absent && folder.power == .absent ? nil : folder
        }
    }

    private init(_ name: String, in directory: String, _ tree: FileTree) {
        func word(_ file: String) -> String? {
            tree.line("\(directory)/\(name)/\(file)").flatMap { $0.isEmpty ? nil : $0 }
        }
        self.name = name
        self.directory = directory
        title = word("name")
        uuid = word("uuid")
        outer = word("contained_in")
        let milliseconds = word("power_window_ms").flatMap { Double($0) } ?? 0
        window = Seconds(milliseconds > 0 && milliseconds.isFinite ? milliseconds / 1000 : 0)
        (energy, power) = (.absent, .absent)
        energy = Self.look(energyPath)
        power = Self.look(powerPath)
    }

    /// A file that is empty is being written just now, so it may give a number at the next reading.
    private static func look(_ path: String) -> Numbers {
        switch readNumber(Array(path.utf8CString)) {
        case .success: .ready
        case .failure(.noSuchFileOrDirectory), .failure(.notDirectory): .absent
        case .failure(.badMessage): isEmpty(path) ? .ready : .failed(.badMessage)
        case .failure(let error): .failed(error)
        }
    }

    private static func isEmpty(_ path: String) -> Bool { (try? FileTree(root: "").bytes(path).isEmpty) ?? false }
}

/// Opens a file, reads the number that it begins with, and closes it; allocates nothing.
///
/// Opened anew each time: who writes such files often puts a new one in the old one's place, and a descriptor would go
/// on showing the old one. The corresponding C functions are `open`, `pread` and `close`; a pipe is not waited for.
func readNumber(_ path: [CChar]) -> Result<UInt64, Errno> {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return .failure(Errno(rawValue: errno)) }
    defer { Glibc.close(descriptor) }
    return FileDescriptor(rawValue: descriptor).readCount()
}
