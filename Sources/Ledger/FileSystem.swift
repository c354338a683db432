import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// What the disk below a path allows.
enum FileSystem {
    /// Types of file systems that several computers share, as the kernel and their vendors name them.
    private static let networkTypes: Set<Substring> = [
        "nfs", "nfs4", "lustre", "gpfs", "beegfs", "beegfs_nodev", "ceph", "cifs", "smb3", "afs", "orangefs", "pvfs2",
        "panfs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph-fuse", "9p",
    ]

    /// Whether several computers share the file or folder, so that SQLite's shared memory cannot hold.
    ///
    /// Asks the table of mounts, where each of these types has a name. The number that `statfs(2)` gives says less:
    /// file systems in user space share one, and Swift's Glibc does not import the call.
    static func isNetwork(_ path: String) -> Bool {
        guard let real = unsafe realpath(path, nil) else { return false }
        defer { unsafe free(real) }
        guard let mounts = try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8) else { return false }
        return isNetwork(unsafe String(cString: real), mounts: mounts)
    }

    /// Whether the mount that holds an absolute path is of a shared type.
    static func isNetwork(_ path: String, mounts: String) -> Bool {
        type(of: path, mounts: mounts).map { networkTypes.contains($0[...]) } ?? false
    }

    /// The type of the file system that holds an absolute path: the last mounted of the longest mount points above it.
    static func type(of path: String, mounts: String) -> String? {
        var best: (length: Int, type: Substring)?
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 3 else { continue }
            let point = unescaped(fields[1])
            let holds = point == "/" || path == point || path.hasPrefix(point + "/")
            if holds, point.utf8.count >= best?.length ?? 0 { best = (point.utf8.count, fields[2]) }
        }
        return best.map { String($0.type) }
    }

    /// White space and backslashes stand in the table as three octal digits.
    private static func unescaped(_ field: Substring) -> String {
        guard field.contains("\\") else { return String(field) }
        return ["\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"].sorted { $0.key < $1.key }
            .reduce(String(field)) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
    }

    /// Which file stands at a path, whatever its name.
    struct Identity: Hashable {
        private let device: UInt64
        private let number: UInt64

        /// `nil` where there is none.
        init?(of path: String) {
            var status = stat()
            guard unsafe stat(path, &status) == 0 else { return nil }
            (device, number) = (UInt64(status.st_dev), UInt64(status.st_ino))
        }
    }

    /// Whether the path exists.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Whether this process may write there; with the reason where it may not.
    static func refusal(toWrite path: String) -> Int32? { unsafe access(path, W_OK) == 0 ? nil : errno }

    /// Whether this process may read there.
    static func mayRead(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }

    /// Whether the header of a database says that it is written through a write-ahead log (bytes 18 and 19).
    static func usesLog(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path), let header = try? file.read(upToCount: 20) else {
            return false
        }
        return header.count == 20 && header[18] == 2
    }

    /// Whether the path is a folder.
    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// The bytes in a file; 0 where there is none.
    static func size(_ path: String) -> Int64 {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// The folder of a file.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
