import GRDB
import Glibc

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
    let mode: Mode
    private let identity: FileSystem.Identity?

    /// Opens a ledger.
    ///
    /// - Throws: `LedgerError` with a sentence that names the file.
    public init(path: String, mode: Mode) throws {
        self.path = path
        self.mode = mode
        do {
            if path.isEmpty || FileSystem.isFolder(path) {
                throw LedgerError(
                    mode == .readOnly ? .badData : .cannotWrite,
                    path.isEmpty ? "The ledger's path '' is empty." : "\(path) is a folder, and no ledger.",
                    remedy: "Name a file with --ledger."
                )
            }
            // A symbolic link lives elsewhere than what it names.
            let isNetwork = FileSystem.isNetwork(FileSystem.exists(path) ? path : FileSystem.folder(of: path))
            switch mode {
            case .readOnly: database = try Self.openForReading(path, isNetwork: isNetwork)
            case .readWrite: database = try Self.openForWriting(path, isNetwork: isNetwork)
            }
            identity = FileSystem.Identity(of: path)
        } catch {
            throw LedgerFile.explain(error, path: path)
        }
    }

    /// Opens a ledger for writing as on a network file system, or not.
    init(path: String, isNetwork: Bool) throws {
        self.path = path
        mode = .readWrite
        do {
            database = try Self.openForWriting(path, isNetwork: isNetwork)
            identity = FileSystem.Identity(of: path)
        } catch {
            throw LedgerFile.explain(error, path: path)
        }
    }

    /// Throws where the file that was opened no longer stands at its path: what is written goes with it.
    public func checkPlace() throws(LedgerError) {
        guard FileSystem.Identity(of: path) != identity else { return }
        throw LedgerError(
            .inputOutput,
            "The ledger \(path) was removed, moved or replaced while it was in use.",
            remedy: "Keep it where no command that is measured cleans up, with --ledger or $WATTBOOK_LEDGER."
        )
    }

    private static func openForWriting(_ path: String, isNetwork: Bool) throws -> DatabaseQueue {
        try refuseUnwritable(path)
        var configuration = Configuration()
        // Who locks the file for itself keeps it for a whole run: waiting long is no use there.
        configuration.busyMode = .timeout(isNetwork ? 1 : 10)
        configuration.prepareDatabase { database in
            if isNetwork { try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
            // A killed process loses nothing at NORMAL; only a power cut may lose the last transactions.
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        let queue = try DatabaseQueue(path: plain(path), configuration: configuration)
        try patiently(for: isNetwork ? 1 : 10) {
            try queue.inDatabase { database in
                // The number goes in first: a file that bears it is a ledger, however early its writer was killed.
                if try isEmpty(database) {
                    try database.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
                }
                try check(database, path: path)
                try database.execute(sql: "PRAGMA journal_mode = \(isNetwork ? "DELETE" : "WAL")")
            }
            try migrate(queue)
        }
        return queue
    }

    /// Tries again while others who open the same file are in the way, for so many seconds.
    ///
    /// Where two wait for each other, SQLite turns one away at once, whatever time it may wait.
    private static func patiently(for seconds: Double, _ body: () throws -> Void) throws {
        let start = ContinuousClock.now
        while true {
            do {
                return try body()
            } catch let error as DatabaseError
                where error.resultCode == .SQLITE_BUSY && ContinuousClock.now - start < .seconds(seconds)
            {
                usleep(20_000)
            }
        }
    }

    /// Brings the tables up to date.
    ///
    /// A meter that starts at the same moment may be first with a migration; ours then fails, once, and its tables
    /// are as good.
    private static func migrate(_ queue: DatabaseQueue) throws {
        let migrator = Schema.migrator
        for _ in migrator.migrations {
            do { return try migrator.migrate(queue) } catch { continue }
        }
        try migrator.migrate(queue)
    }

    /// A path that SQLite takes for one, whatever it begins with: `file:` and `:memory:` are names like any other.
    static func plain(_ path: String) -> String { path.hasPrefix("/") ? path : "./" + path }

    private static func isEmpty(_ database: Database) throws -> Bool {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
            && Int.fetchOne(database, sql: "PRAGMA application_id") == 0
    }

    static func check(_ database: Database, path: String) throws {
        guard try Int.fetchOne(database, sql: "PRAGMA application_id") == Schema.applicationID else {
            throw LedgerError(
                .badData,
                try isEmpty(database)
                    ? "\(path) is empty, and no ledger yet."
                    : "\(path) is a SQLite database, but no ledger of Wattbook.",
                remedy: "Name another file with --ledger."
            )
        }
        if try database.tableExists("grdb_migrations"), try Schema.migrator.hasBeenSuperseded(database) {
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
}
