import GRDB

/// A ledger: one SQLite file with runs, their samples and experiments, to which rows are only ever added.
///
/// On a local disk it uses SQLite's write-ahead log, so that readers and several writers get on. On a network file
/// system that log's shared memory does not hold: there it takes a rollback journal and locks the file for itself.
public final class LedgerFile: Sendable {
    /// What the ledger is opened for.
    public enum Mode: Sendable {
        /// Changes nothing, and works where nothing may be written.
        case readOnly
        /// Makes the file where there is none.
        case readWrite
    }

    /// The file.
    public let path: String
    let database: DatabaseQueue

    /// Opens a ledger.
    ///
    /// - Throws: `LedgerError` with a sentence that names the file.
    public init(path: String, mode: Mode) throws {
        self.path = path
        do {
            switch mode {
            case .readOnly: database = try Self.openForReading(path)
            case .readWrite: database = try Self.openForWriting(path)
            }
        } catch {
            throw LedgerFile.explain(error, path: path)
        }
    }

    private static func openForReading(_ path: String) throws -> DatabaseQueue {
        guard FileSystem.exists(path) else {
            throw LedgerError(
                .notFound,
                "There is no ledger at \(path).",
                remedy:
                    "Name one with --ledger or $WATTBOOK_LEDGER, or measure something first: wattbook run -- COMMAND."
            )
        }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.read { try check($0, path: path) }
            return queue
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN {
            // The log's files cannot be made in this folder; nobody else can write there either, so none is needed.
            let escaped = path.map { "?#%".contains($0) ? "%" + hex($0) : String($0) }.joined()
            let queue = try DatabaseQueue(path: "file:\(escaped)?immutable=1", configuration: configuration)
            try queue.read { try check($0, path: path) }
            return queue
        }
    }

    private static func openForWriting(_ path: String) throws -> DatabaseQueue {
        try refuseUnwritable(path)
        let shared = FileSystem.isNetwork(FileSystem.folder(of: path))
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            if shared { try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { database in
            let isNew = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
            if !isNew { try check(database, path: path) }
            try database.execute(sql: "PRAGMA journal_mode = \(shared ? "DELETE" : "WAL")")
            // A killed process loses nothing at NORMAL; only a power cut may lose the last transactions.
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        try Schema.migrator.migrate(queue)
        return queue
    }

    private static func check(_ database: Database, path: String) throws {
        guard try Int.fetchOne(database, sql: "PRAGMA application_id") == Schema.applicationID else {
            throw LedgerError(
                .badData,
                "\(path) is a SQLite database, but no ledger of Wattbook.",
                remedy: "Name another file with --ledger."
            )
        }
        if try Schema.migrator.hasBeenSuperseded(database) {
            throw LedgerError(
                .badData,
                "\(path) was written by a newer Wattbook.",
                remedy: "Use that version, or name another file with --ledger."
            )
        }
    }

    private static func refuseUnwritable(_ path: String) throws {
        let folder = FileSystem.folder(of: path)
        guard FileSystem.exists(folder) else {
            throw LedgerError(
                .cannotWrite,
                "The folder \(folder) of the ledger \(path) does not exist.",
                remedy: "Make it, or name another file with --ledger."
            )
        }
        for place in FileSystem.exists(path) ? [folder, path] : [folder] where FileSystem.refusal(toWrite: place) != nil
        {
            throw LedgerError(
                .noPermission,
                "\(place) cannot be written by this user, and the ledger \(path) needs it.",
                remedy: "Name a file in a folder of your own with --ledger or $WATTBOOK_LEDGER."
            )
        }
    }

    /// Says what an error of SQLite means for the user.
    static func explain(_ error: any Error, path: String) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        switch error.resultCode {
        case .SQLITE_NOTADB:
            return LedgerError(.badData, "\(path) is not a ledger.", remedy: "Name another file with --ledger.")
        case .SQLITE_CORRUPT:
            return LedgerError(
                .badData,
                "The ledger \(path) is damaged: \(error.message ?? "malformed").",
                remedy: "Save a copy, then let `sqlite3 \(path) .recover` write what is left to a new file."
            )
        case .SQLITE_FULL:
            return LedgerError(
                .inputOutput,
                "The disk that holds \(path) is full.",
                remedy: "Make room, or name a file on another disk with --ledger; what was stored is safe."
            )
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            return LedgerError(
                .noPermission,
                "The ledger \(path) may not be written.",
                remedy: "Name a file of your own with --ledger."
            )
        case .SQLITE_CANTOPEN:
            return LedgerError(
                .cannotWrite,
                "The ledger \(path) cannot be opened.",
                remedy: "See that it is a file and its folder is yours, or name another with --ledger."
            )
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return LedgerError(
                .inputOutput,
                "The ledger \(path) is locked by another process.",
                remedy: "Wait for it, or give this run a ledger of its own with --ledger."
            )
        default:
            return LedgerError(
                .inputOutput,
                "The ledger \(path) failed: \(error.message ?? error.resultCode.description).",
                remedy: "Look at the disk, or name another file with --ledger."
            )
        }
    }

    private static func hex(_ character: Character) -> String {
        switch character {
        case "?": "3f"
        case "#": "23"
        default: "25"
        }
    }
}
