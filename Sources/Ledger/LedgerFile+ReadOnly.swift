import Foundation
import GRDB

/// How a ledger is read without a trace.
///
/// | what lies there | how it is read |
/// |---|---|
/// | no log, and the file and its folder may be written | a connection that refuses to write; what it makes beside the file goes when it closes |
/// | no log, and one of them may not be written | as a file that nobody changes |
/// | a log with transactions: a writer lives or was killed | a read-only connection, which sees them |
/// | the same where SQLite cannot: shared memory missing, or a network file system | a copy in memory |
extension LedgerFile {
    static func openForReading(_ path: String, isNetwork: Bool) throws -> DatabaseQueue {
        guard FileSystem.exists(path) else {
            throw LedgerError(
                .notFound,
                "There is no ledger at \(path).",
                remedy:
                    "Name one with --ledger or $WATTBOOK_LEDGER, or measure something first: wattbook run -- COMMAND."
            )
        }
        guard FileSystem.mayRead(path) else {
            throw LedgerError(
                .noPermission,
                "The ledger \(path) may not be read by this user.",
                remedy: "Ask its owner, or name another file with --ledger."
            )
        }
        let logs = ["-wal", "-journal"].filter { FileSystem.size(path + $0) > 0 }
        let mayWrite =
            FileSystem.refusal(toWrite: path) == nil && FileSystem.refusal(toWrite: FileSystem.folder(of: path)) == nil
        // A rollback journal needs no shared memory, so that only the newer log is a matter of the file system.
        if isNetwork, FileSystem.usesLog(path) { return try logs.isEmpty ? immutable(path) : copy(path, logs) }
        guard !logs.isEmpty else {
            return try mayWrite ? connect(plain(path), readOnly: false, as: path) : immutable(path)
        }
        do {
            return try connect(plain(path), readOnly: true, as: path)
        } catch let error as DatabaseError
            where [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode)
        {
            return try copy(path, logs)
        }
    }

    private static func connect(_ path: String, readOnly: Bool, as name: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = readOnly
        configuration.busyMode = .timeout(10)
        if !readOnly { configuration.prepareDatabase { try $0.execute(sql: "PRAGMA query_only = 1") } }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.read { try checkTables($0, path: name) }
        return queue
    }

    private static func immutable(_ path: String) throws -> DatabaseQueue {
        let escaped = plain(path).replacingOccurrences(of: "%", with: "%25").replacingOccurrences(of: "?", with: "%3f")
            .replacingOccurrences(of: "#", with: "%23")
        return try connect("file:\(escaped)?immutable=1", readOnly: true, as: path)
    }

    private static func copy(_ path: String, _ logs: [String]) throws -> DatabaseQueue {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appendingPathComponent("wattbook-\(UUID().uuidString)")
        defer { try? files.removeItem(at: folder) }
        let target = folder.appendingPathComponent("copy").path
        do {
            try files.createDirectory(
                at: folder,
                withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700]
            )
            for suffix in [""] + logs {
                try files.copyItem(atPath: path + suffix, toPath: target + suffix)
                try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: target + suffix)
            }
        } catch {
            throw LedgerError(
                .inputOutput,
                "The ledger \(path) and its log can only be read through a copy, and \(folder.path) cannot hold it.",
                remedy: "Set $TMPDIR to a folder that you may write and that has room."
            )
        }
        let memory = try DatabaseQueue()
        try DatabaseQueue(path: target).backup(to: memory)
        try memory.inDatabase { database in
            try checkTables(database, path: path)
            try database.execute(sql: "PRAGMA query_only = 1")
        }
        return memory
    }

    private static func checkTables(_ database: Database, path: String) throws {
        try check(database, path: path)
        guard try database.tableExists("run") else {
            throw LedgerError(
                .badData,
                "The ledger \(path) has no tables yet: its first writer was stopped.",
                remedy: "Measure something into it: wattbook run --ledger \(path) -- COMMAND."
            )
        }
    }
}
