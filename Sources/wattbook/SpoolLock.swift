import SystemPackage

#if canImport(Glibc)
import Glibc
#endif

/// A lock that the ranks of a node share, in a file that holds one name.
final class SpoolLock: Sendable {
    /// The name in the job's folder.
    let target: String
    private let path: String
    private let file: FileDescriptor

    /// Takes a share of the lock; the first to come says the name.
    init(path: String, name: () -> String) throws {
        self.path = path
        while true {
            let file = try unsafe FileDescriptor.open(
                path,
                .readWrite,
                options: [.create, .closeOnExec, .noFollow],
                permissions: .ownerReadWrite
            )
            do {
                if flock(file.rawValue, LOCK_EX | LOCK_NB) == 0, try Self.text(of: file).isEmpty {
                    try file.writeAll(toAbsoluteOffset: 0, name().utf8)
                }
                guard flock(file.rawValue, LOCK_SH) == 0 else { throw Errno(rawValue: errno) }
                let text = try Self.text(of: file)
                // The last rank of an earlier start may just have removed the file that was opened.
                if !text.isEmpty, Self.isStill(file, at: path) {
                    target = text
                    self.file = file
                    return
                }
                try file.close()
            } catch {
                try? file.close()
                throw error
            }
            usleep(1000)
        }
    }

    /// Whether nobody else holds a share; this one is given up otherwise.
    func takeAlone() -> Bool { flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 }

    /// Gives the lock up.
    func release() { try? file.close() }

    /// Removes the file; those who wait for it begin another.
    func remove() { unsafe unlink(path) }

    private static func text(of file: FileDescriptor) throws -> String {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = try unsafe bytes.withUnsafeMutableBytes {
            try unsafe file.read(fromAbsoluteOffset: 0, into: $0)
        }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    private static func isStill(_ file: FileDescriptor, at path: String) -> Bool {
        var (own, there) = (stat(), stat())
        return unsafe fstat(file.rawValue, &own) == 0 && stat(path, &there) == 0 && own.st_ino == there.st_ino
    }
}
