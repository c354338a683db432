import Foundation
import Ledger
import Metering
import SystemPackage

#if canImport(Glibc)
import Glibc
#endif

/// A node's ledger of one step: written on a disk of the node by all of its ranks, and copied to the job's folder in
/// one stretch by the last of them.
///
/// Each rank holds a shared lock from its start to its end. Who gets the lock for itself at its end is the last, however
/// the others ended. The lock's file holds the name in the job's folder, which is free when the first rank comes: what
/// another start of the same step left is never written over.
final class Spool: Sendable {
    /// The ledger to write to.
    let ledgerPath: String
    /// The job's folder.
    let folder: String
    /// Whether the node has no room for it, so that the ledger is written in the job's folder itself; with the reason.
    let isDirect: String?
    private let lock: SpoolLock?
    private let owner: Owner?

    /// Finds the ledger of this node and step, or begins it.
    ///
    /// - Parameters:
    ///   - node: The node's name.
    ///   - target: The job's folder; it is made.
    ///   - owner: Who is to have the ledger.
    init(job: Job, node: String, target: String, owner: Owner?) throws {
        self.owner = owner
        folder = target
        do {
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        } catch {
            throw Failure(
                .cannotWrite,
                "The job's folder \(target) cannot be made.",
                remedy: "Name another with --job-dir or $WATTBOOK_JOB_DIR."
            )
        }
        guard unsafe access(target, W_OK) == 0 else {
            throw Failure(
                .noPermission,
                "The job's folder \(target) cannot be written by this user.",
                remedy: "Name another with --job-dir or $WATTBOOK_JOB_DIR."
            )
        }
        let step = job.step.map { "." + $0 } ?? ""
        let name = "wattbook-\(job.attempt)\(step)-\(node)"
        let local = Self.place
        do {
            (ledgerPath, lock) = try Self.begin(name, in: local) {
                SpoolLock.Target(name: Self.free(name, in: target), folder: absolute(target), owner: owner)
            }
            isDirect = nil
        } catch {
            lock = nil
            isDirect = "\(local) takes no ledger (\((error as? LedgerError)?.problem ?? "\(error)"))"
            ledgerPath = "\(target)/\(name)-rank\(job.rank ?? 0)-\(getpid()).sqlite"
        }
    }

    /// What dead ranks left.
    private init(ledger: String, lock: SpoolLock) {
        (ledgerPath, self.lock, folder, owner) = (ledger, lock, lock.target.folder, lock.target.owner)
        isDirect = nil
    }

    /// Brings what this user's dead ranks left on this node to the folders of their jobs.
    ///
    /// A meter that died with its node, or was killed where nobody was left to deliver, leaves its ledger here. What
    /// cannot be delivered stays.
    ///
    /// - Returns: The delivered files.
    static func sweep() -> [String] {
        let own = "\(place)/wattbook-spool-\(getuid())"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: own), (try? ownFolder(in: place)) == own
        else { return [] }
        return names.sorted().filter { $0.hasSuffix(".lock") }.compactMap { name in
            guard let lock = SpoolLock(leftAt: "\(own)/\(name)") else { return nil }
            defer { lock.release() }
            let spool = Spool(ledger: "\(own)/\(name.dropLast(5)).sqlite", lock: lock)
            // A rank that came no further than its lock.
            guard unsafe access(spool.ledgerPath, F_OK) == 0 else {
                lock.remove()
                return nil
            }
            guard (try? spool.deliver(leaves: true)) != nil else { return nil }
            remove(spool.ledgerPath, lock)
            return "\(spool.folder)/\(lock.target.name)"
        }
    }

    /// The ledger of a node, made where there is none; a disk without room shows it before anything is measured.
    private static func begin(
        _ name: String,
        in local: String,
        target: () -> SpoolLock.Target
    ) throws -> (String, SpoolLock) {
        let place = try ownFolder(in: local)
        let lock = try SpoolLock(path: "\(place)/\(name).lock", begin: target)
        let path = "\(place)/\(name).sqlite"
        do {
            _ = try LedgerFile(path: path, mode: .readWrite)
        } catch {
            // What was begun of it takes room; ranks that came first may have a whole one.
            if lock.takeAlone() { remove(path, lock) }
            lock.release()
            throw error
        }
        return (path, lock)
    }

    /// A sentence where the ledger does not lie on the node.
    var remark: String? {
        isDirect.map { "\($0): this rank writes to \(ledgerPath). Give $WATTBOOK_SPOOL a folder with room." }
    }

    /// Copies the ledger as it stands, with what is open in it closed: more may follow, or nothing.
    func deliverSoFar() throws { try deliver(leaves: true) }

    /// Ends this rank's part; the last of a node brings the ledger to the job's folder.
    ///
    /// - Returns: The file in the job's folder, where this was the last.
    func finish(host: Metering.Host) throws -> String? {
        guard let lock else {
            try owner.map { try give(ledgerPath, to: $0) }
            return ledgerPath
        }
        guard lock.takeAlone() else { return nil }
        defer { lock.release() }
        // Ranks that were killed beside this one.
        try LedgerFile(path: ledgerPath, mode: .readWrite).recover(host: host)
        try deliver(leaves: false)
        Self.remove(ledgerPath, lock)
        return "\(folder)/\(lock.target.name)"
    }

    private static func remove(_ path: String, _ lock: SpoolLock) {
        for suffix in ["", "-wal", "-shm", "-journal"] { unsafe unlink(path + suffix) }
        lock.remove()
    }

    private func deliver(leaves isOpen: Bool) throws {
        guard let lock else { return }
        // A name of its own, so that two ranks may deliver at once.
        let copy = "\(ledgerPath)-\(getpid()).copy"
        defer { for suffix in ["", "-wal", "-shm", "-journal"] { unsafe unlink(copy + suffix) } }
        unsafe unlink(copy)
        do {
            try LedgerFile(path: ledgerPath, mode: .readWrite).copy(to: copy)
            if isOpen { try LedgerFile(path: copy, mode: .readWrite).closeOpenRuns() }
        } catch let error as LedgerError where error.code == .inputOutput {
            // No room for a second file beside it.
            let part = partial(lock.target.name)
            unsafe unlink(part)
            try LedgerFile(path: ledgerPath, mode: .readWrite).copy(to: part)
            return try publish(part, as: lock.target.name)
        }
        try send(copy, as: lock.target.name)
    }

    /// One sequential write under another name, then the name: who reads the folder sees whole ledgers alone.
    private func send(_ path: String, as name: String) throws {
        let part = partial(name)
        do {
            let source = try unsafe FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            defer { try? source.close() }
            let target = try unsafe FileDescriptor.open(
                part,
                .writeOnly,
                options: [.create, .truncate, .closeOnExec, .noFollow],
                permissions: owner == nil ? .init(rawValue: 0o666) : .ownerReadWrite
            )
            defer { try? target.close() }
            try copyBytes(from: source, to: target)
            try publish(part, as: name)
        } catch let error as Errno {
            unsafe unlink(part)
            throw Failure(
                .inputOutput,
                "The ledger \(path) could not be copied to \(folder)/\(name): \(error).",
                remedy: "It stays where it is: copy it there before the node is cleaned."
            )
        }
    }

    /// Gives a written file to its owner and its name, once it is on the disk.
    private func publish(_ part: String, as name: String) throws {
        let file = try unsafe FileDescriptor.open(part, .readWrite, options: [.closeOnExec, .noFollow])
        defer { try? file.close() }
        if let owner {
            guard fchmod(file.rawValue, 0o600) == 0,
                fchown(file.rawValue, owner.user, owner.group ?? UInt32.max) == 0
            else { throw Errno(rawValue: errno) }
        }
        guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
        guard unsafe rename(part, "\(folder)/\(name)") == 0 else { throw Errno(rawValue: errno) }
        guard let directory = try? unsafe FileDescriptor.open(folder, .readOnly, options: .closeOnExec) else { return }
        fsync(directory.rawValue)
        try? directory.close()
    }

    private func partial(_ name: String) -> String { "\(folder)/.\(name).\(getpid()).partial" }

    private func copyBytes(from source: FileDescriptor, to target: FileDescriptor) throws {
        var block = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try unsafe block.withUnsafeMutableBytes { try unsafe source.read(into: $0) }
            guard count > 0 else { return }
            _ = try target.writeAll(block[..<count])
        }
    }

    private func give(_ path: String, to owner: Owner) throws {
        guard unsafe lchown(path, owner.user, owner.group ?? UInt32.max) == 0, unsafe chmod(path, 0o600) == 0 else {
            throw Failure(
                .noPermission,
                "\(path) cannot be given to user \(owner.user): \(Errno(rawValue: errno)).",
                remedy: "Run as root, or leave out --owner."
            )
        }
    }

    /// The folder of the node's own disk.
    static var place: String { environment("WATTBOOK_SPOOL") ?? environment("TMPDIR") ?? "/tmp" }

    /// A folder of this user alone: others may write beside it and must not lead us elsewhere.
    static func ownFolder(in parent: String) throws -> String {
        let path = "\(parent)/wattbook-spool-\(getuid())"
        if unsafe mkdir(path, 0o700) != 0, errno != EEXIST { throw Errno(rawValue: errno) }
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw Errno(rawValue: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid(), status.st_mode & 0o022 == 0 else {
            throw Errno.permissionDenied
        }
        return path
    }

    /// The first name that is free in the job's folder.
    private static func free(_ name: String, in folder: String) -> String {
        for number in 1..<10_000 {
            let candidate = number == 1 ? "\(name).sqlite" : "\(name)-\(number).sqlite"
            if unsafe access("\(folder)/\(candidate)", F_OK) != 0 { return candidate }
        }
        return "\(name)-\(getpid()).sqlite"
    }
}

/// A path that means the same from any folder.
private func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
}
