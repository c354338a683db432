import GRDB

extension LedgerFile {
    /// Opens a ledger to add to.
    ///
    /// One on a network file system that another job holds gets a ledger of this process alone beside it, as
    /// `wattbook-node7-4711.sqlite`, to be merged afterwards; ``path`` tells which it became.
    public static func openForAppending(_ path: String, host: String, pid: Int32) throws -> LedgerFile {
        let isNetwork = FileSystem.isNetwork(FileSystem.exists(path) ? path : FileSystem.folder(of: path))
        return try openForAppending(path, host: host, pid: pid, isNetwork: isNetwork)
    }

    static func openForAppending(_ path: String, host: String, pid: Int32, isNetwork: Bool) throws -> LedgerFile {
        guard isNetwork else { return try LedgerFile(path: path, mode: .readWrite) }
        do {
            return try LedgerFile(path: path, isNetwork: true)
        } catch let error as LedgerError where error.code == .locked {
            let ending = ".sqlite"
            let stem = path.hasSuffix(ending) ? String(path.dropLast(ending.count)) : path
            return try LedgerFile(path: "\(stem)-\(host)-\(pid)\(ending)", isNetwork: true)
        }
    }

    /// Makes ready for thousands of runs at once, whose rows fall all over the file: up to 128 MB of it are kept in
    /// memory, and pages go from the log to the file less often.
    public func expectThousands() throws {
        do {
            try database.writeWithoutTransaction {
                try $0.execute(sql: "PRAGMA cache_size = -131072; PRAGMA wal_autocheckpoint = 16384")
            }
        } catch {
            throw LedgerFile.explain(error, path: path)
        }
    }

    /// What a merge did.
    public struct Merge: Sendable, Hashable {
        /// Runs that were added.
        public var added = 0
        /// Runs that were here already.
        public var known = 0
        /// Runs that have not ended: they stay where they are until they have.
        public var open = 0

        /// Nothing yet.
        public init() {}

        init(added: Int, known: Int, open: Int) {
            self.added = added
            self.known = known
            self.open = open
        }
    }

    /// Adds the runs and experiments of another ledger, each with all that belongs to it, unless they are here.
    ///
    /// Ids never meet, so that merging twice, or in any order, gives the same. Each run is a transaction.
    ///
    /// - Parameter wanted: The runs that may come along, and their experiments; `nil`: all.
    public func merge(_ other: LedgerFile, only wanted: Set<String>? = nil) throws -> Merge {
        var result = Merge()
        let (closed, runs, experiments, published, tables) = try other.query { database in
            let present = try Set(
                String.fetchAll(database, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
            )
            return (
                try Set(String.fetchAll(database, sql: "SELECT run_id FROM run_end")),
                try String.fetchAll(database, sql: "SELECT id FROM run ORDER BY started_at_us").filter {
                    wanted?.contains($0) ?? true
                },
                try Self.experiments(of: wanted, database),
                present.contains("published_intensity")
                    ? try Row.fetchAll(database, sql: "SELECT * FROM published_intensity") : [],
                Self.tablesOfRuns.filter { present.contains($0) }
            )
        }
        if !experiments.isEmpty || !published.isEmpty {
            try change { database in
                for row in experiments { try insert(row, into: "experiment", database) }
                for row in published { try insert(row, into: "published_intensity", database) }
            }
        }
        for id in runs {
            // Each by itself: a ledger of thousands of runs is asked for those of one file after the other.
            if let isCutHere = try isCutPart(id) {
                // Another account may have been made of it there.
                try copy(run: id, tables.filter { $0 == "carbon_account" }, from: other)
                // A part that was merged before its end, and is whole now.
                if isCutHere, try other.record(id).state == .finished,
                    try addRemains(of: id, from: other)
                {
                    result.added += 1
                } else {
                    result.known += 1
                }
            } else if !closed.contains(id) {
                result.open += 1
            } else {
                try copy(run: id, tables, from: other)
                result.added += 1
            }
        }
        return result
    }

    private static func experiments(of wanted: Set<String>?, _ database: Database) throws -> [Row] {
        let all = try Row.fetchAll(database, sql: "SELECT * FROM experiment")
        guard let wanted else { return all }
        let pairs = try Row.fetchAll(database, sql: "SELECT id, experiment_id FROM run WHERE experiment_id IS NOT NULL")
        let theirs = Set(pairs.filter { wanted.contains($0["id"]) }.map { $0["experiment_id"] as String })
        return all.filter { theirs.contains($0["id"]) }
    }

    /// In the order in which rows may be entered: a run, its samples, its end.
    static let tablesOfRuns = [
        "run", "channel", "chunk", "chunk_recent", "run_end", "run_marks", "run_detail", "channel_energy",
        "region_energy", "metric", "carbon_account", "job_run",
    ]

    /// Whether a run is the part of a job whose meter was killed; `nil` where there is no such run here.
    private func isCutPart(_ id: String) throws -> Bool? {
        try query { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT role = 'part' AND coalesce(state = 'interrupted', 0)
                    FROM run LEFT JOIN run_end ON run_id = run.id WHERE run.id = ?
                    """
            )
            return try Bool.fetchOne(statement, arguments: [id])
        }
    }

    /// Copies a run in one transaction; `start` stands in for what the other ledger says of its start.
    func copy(run id: String, _ tables: [String], from other: LedgerFile, as start: RunStart? = nil) throws {
        let rows = try other.query { database in
            try tables.map { table in
                let key = table == "run" ? "id" : "run_id"
                return (
                    table, try Row.fetchAll(database, sql: "SELECT * FROM \(table) WHERE \(key) = ?", arguments: [id])
                )
            }
        }
        try change { database in
            if let start { try enter(start, database) }
            for (table, rows) in rows where start == nil || table != "run" {
                for row in rows { try insert(row, into: table, database) }
            }
        }
    }

    func insert(_ row: Row, into table: String, _ database: Database) throws {
        let columns = Array(row.columnNames)
        let places = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        let statement = try database.cachedStatement(
            sql: "INSERT OR IGNORE INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(places))"
        )
        try statement.execute(arguments: StatementArguments(row.databaseValues))
    }
}
