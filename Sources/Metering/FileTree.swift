import Glibc
public import SystemPackage

/// The files of a machine below a root: `/` for this one, another folder for a recorded or invented one.
public struct FileTree: Sendable, Hashable {
    /// The prefix of every path.
    public let root: String

    /// The tree below `root`.
    public init(root: String) {
        var trimmed = root
        while trimmed.hasSuffix("/") { trimmed.removeLast() }
        self.root = trimmed
    }

    /// The path of a file of this tree, from its path on the machine, as `/proc/stat`.
    public func path(_ path: String) -> String { root + path }

    /// The names in a folder, sorted; without `.` and `..`.
    public func entries(_ path: String) throws(Errno) -> [String] {
        guard let folder = unsafe opendir(self.path(path)) else { throw Errno(rawValue: errno) }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            // In place: a record is only as long as its name, and a copy of `d_name` would read beyond it.
            let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
            let name = unsafe String(
                cString: (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
            )
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Opens a file for reading; it is not handed on to children.
    public func open(_ path: String) throws(Errno) -> FileDescriptor {
        do {
            return try unsafe FileDescriptor.open(self.path(path), .readOnly, options: .closeOnExec)
        } catch let error as Errno {
            throw error
        } catch {
            throw Errno.ioError
        }
    }

    /// All of a file's text.
    public func text(_ path: String) throws(Errno) -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    /// The text of a file without white space at its ends; `nil` where it cannot be read.
    public func line(_ path: String) -> String? {
        guard let text = try? text(path) else { return nil }
        return trimmed(text)
    }

    /// The first 4096 bytes of a file as text; `nil` where it cannot be read.
    ///
    /// Enough for the first processor of `/proc/cpuinfo`, which takes milliseconds to read whole on a large machine.
    public func beginning(_ path: String) -> String? {
        guard let file = try? open(path) else { return nil }
        defer { try? file.close() }
        var bytes = [UInt8](repeating: 0, count: 4096)
        var span = bytes.mutableSpan
        guard case .success(let count) = file.read(at: 0, into: &span) else { return nil }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// Whether there is a file or folder.
    public func exists(_ path: String) -> Bool { unsafe access(self.path(path), F_OK) == 0 }

    /// Where a symbolic link points to, as it is written there.
    public func link(_ path: String) -> String? {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = unsafe readlink(self.path(path), &target, target.count)
        guard length > 0 else { return nil }
        return String(decoding: target.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// All of a file's bytes.
    public func bytes(_ path: String) throws(Errno) -> [UInt8] {
        let file = try open(path)
        defer { try? file.close() }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        do {
            while true {
                let count = try unsafe chunk.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
                if count == 0 { return bytes }
                bytes.append(contentsOf: chunk.prefix(count))
            }
        } catch let error as Errno {
            throw error
        } catch {
            throw Errno.ioError
        }
    }
}

/// A text without white space at its ends.
func trimmed(_ text: some StringProtocol) -> String {
    guard let first = text.firstIndex(where: { !$0.isWhitespace }),
        let last = text.lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(text[first...last])
}
