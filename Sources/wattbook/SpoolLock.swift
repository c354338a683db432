import SystemPackage

#if canImport(Glibc)
import Glibc
#endif

/// A lock that the ranks of a node share, in a file that says where the ledger beside it goes.
final class SpoolLock: Sendable {
    /// Where a ledger goes: its name, the job's folder, and its owner where that is not who writes it.
    struct Target {
        var name: String
        var folder: String
        var owner: Owner?

        init(name: String, folder: String, owner: Owner?) {
            (self.name, self.folder, self.owner) = (name, folder, owner)
        }

        fileprivate init?(_ text: String) {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            guard lines.count == 3, !lines[0].isEmpty else { return nil }
            self.init(name: lines[0], folder: lines[1], owner: Owner(argument: lines[2]))
        }

        fileprivate var text: String { "\(name)\n\(folder)\n\(owner?.text ?? "")" }
    }

    let target: Target
    private let path: String
    private let file: FileDescriptor

    /// Takes a share of the lock; the first to come says the target.
    init(path: String, begin: () -> Target) throws {
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
                    try file.writeAll(toAbsoluteOffset: 0, begin().text.utf8)
                }
                guard flock(file.rawValue, LOCK_SH) == 0 else { throw Errno(rawValue: errno) }
                // The last rank of an earlier start may just have removed the file that was opened.
                if let target = Target(try Self.text(of: file)), Self.isStill(file, at: path) {
                    self.target = target
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

    /// Takes the lock that dead ranks left; `nil` where one of them lives, or nothing was left.
    init?(leftAt path: String) {
        guard let file = try? unsafe FileDescriptor.open(path, .readWrite, options: [.closeOnExec, .noFollow])
        else { return nil }
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0, Self.isStill(file, at: path),
            let target = (try? Self.text(of: file)).flatMap(Target.init)
        else {
            // A rank that begins waits for whoever holds it, were it only by an open file.
            try? file.close()
            return nil
        }
        (self.path, self.file, self.target) = (path, file, target)
    }

    /// Whether nobody else holds a share; this one is given up otherwise.
    func takeAlone() -> Bool { flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 }

    /// Gives the lock up.
    func release() { try? file.close() }

    /// Removes the file; those who wait for it begin another.
    func remove() { unsafe unlink(path) }

    private static func text(of file: FileDescriptor) throws -> String {
        var bytes = [UInt8](repeating: 0, count: 8192)
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
