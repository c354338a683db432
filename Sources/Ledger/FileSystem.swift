import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// What the disk below a path allows.
enum FileSystem {
    /// Types of file systems that several computers share, as the kernel and their vendors name them.
    private static let network: Set<String> = [
        "nfs", "nfs4", "lustre", "gpfs", "beegfs", "beegfs_nodev", "ceph", "cifs", "smb3", "afs", "orangefs", "pvfs2",
        "panfs", "fuse.sshfs", "fuse.glusterfs", "9p",
    ]

    /// Whether several computers share the folder, so that SQLite's shared memory cannot hold.
    ///
    /// Read from the table of mounts, whose names of types are stable where the magic numbers of `statfs(2)` are not
    /// published by every vendor.
    static func isNetwork(_ folder: String) -> Bool {
        guard let real = unsafe realpath(folder, nil) else { return false }
        defer { unsafe free(real) }
        guard let mounts = try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8) else { return false }
        return type(of: unsafe String(cString: real), mounts: mounts).map(network.contains) ?? false
    }

    /// The type of the file system that holds an absolute path: that of the longest mount point above it.
    static func type(of path: String, mounts: String) -> String? {
        var best: (length: Int, type: String)?
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 3 else { continue }
            let point = fields[1].replacingOccurrences(of: "\\040", with: " ")
            let holds = point == "/" || path == point || path.hasPrefix(point + "/")
            if holds, point.count >= best?.length ?? 0 { best = (point.count, String(fields[2])) }
        }
        return best?.type
    }

    /// Whether the path exists.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Whether this process may write there; with the reason where it may not.
    static func refusal(toWrite path: String) -> Int32? { unsafe access(path, W_OK) == 0 ? nil : errno }

    /// The folder of a file.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Whether a process lives.
    static func isAlive(_ pid: Int32) -> Bool { kill(pid, 0) == 0 || errno == EPERM }
}
