import GRDB

/// The tables of a ledger.
///
/// What people ask for in SQL stands in columns; the whole value stands beside it as JSON.
///
///     experiment 1-n run 1-n channel, chunk, chunk_recent; run 1-1 run_end, run_marks, run_detail, job_run;
///     run 1-n channel_energy, region_energy, metric, carbon_account; published_intensity
///
/// Rows are only ever added: triggers refuse every change, so that what was measured stays what was measured. The
/// samples of the last seconds stand in `chunk_recent`, a row a transaction, until they are written again as one
/// chunk, which is a third of their size; only then may those rows go.
enum Schema {
    /// "WATT" as a number: tells a ledger from any other SQLite file.
    static let applicationID = 0x5741_5454

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            for statement in tables { try database.execute(sql: statement) }
            for table in names {
                for action in ["UPDATE", "DELETE"] { try refuse(action, on: table, database) }
            }
        }
        migrator.registerMigration("2") { database in
            for statement in recentChunks { try database.execute(sql: statement) }
            try refuse("UPDATE", on: "chunk_recent", database)
        }
        migrator.registerMigration("3") { database in
            // Runs that ended before have it in `run_end`.
            try database.execute(
                sql:
                    "CREATE TABLE run_detail (run_id TEXT PRIMARY KEY REFERENCES run (id), record TEXT NOT NULL) STRICT"
            )
            for action in ["UPDATE", "DELETE"] { try refuse(action, on: "run_detail", database) }
            // Every run asks for the few idle ones.
            try database.execute(
                sql: "CREATE INDEX run_at_rest ON run (started_at_us) WHERE role = 'idle' AND experiment_id IS NULL"
            )
        }
        migrator.registerMigration("4") { database in
            for statement in carbonTables { try database.execute(sql: statement) }
            for table in ["carbon_account", "published_intensity"] {
                for action in ["UPDATE", "DELETE"] { try refuse(action, on: table, database) }
            }
        }
        migrator.registerMigration("5") { database in
            // A run that was made of a job's parts. A later one of the same job with more of them takes its place.
            try database.execute(
                sql: """
                    CREATE TABLE job_run (
                        run_id TEXT PRIMARY KEY REFERENCES run (id), job TEXT NOT NULL, parts INTEGER NOT NULL
                    ) STRICT
                    """
            )
            for action in ["UPDATE", "DELETE"] { try refuse(action, on: "job_run", database) }
            try database.execute(sql: "CREATE INDEX job_run_by_job ON job_run (job)")
            try database.execute(sql: "CREATE INDEX run_as_part ON run (started_at_us) WHERE role = 'part'")
        }
        return migrator
    }

    private static func refuse(_ action: String, on table: String, _ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TRIGGER \(table)_refuses_\(action.lowercased()) BEFORE \(action) ON \(table)
                BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END
                """
        )
    }

    private static let names = [
        "experiment", "run", "channel", "chunk", "run_end", "run_marks", "channel_energy", "region_energy", "metric",
    ]

    private static let tables = [
        """
        CREATE TABLE experiment (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at_us INTEGER NOT NULL, record TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE run (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, experiment_id TEXT REFERENCES experiment (id),
            started_at_us INTEGER NOT NULL, start_ns INTEGER NOT NULL, record TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX run_by_experiment ON run (experiment_id)",
        "CREATE INDEX run_by_time ON run (started_at_us)",
        """
        CREATE TABLE channel (
            run_id TEXT NOT NULL REFERENCES run (id), stream INTEGER NOT NULL, position INTEGER NOT NULL,
            name TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (run_id, stream, position)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE chunk (
            run_id TEXT NOT NULL REFERENCES run (id), stream INTEGER NOT NULL, sequence INTEGER NOT NULL,
            ticks INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (run_id, stream, sequence)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE run_end (
            run_id TEXT PRIMARY KEY REFERENCES run (id), state TEXT NOT NULL, exit_status INTEGER,
            duration_s REAL NOT NULL, total_j REAL, uncertainty_j REAL, basis TEXT NOT NULL, record TEXT NOT NULL
        ) STRICT
        """,
        "CREATE TABLE run_marks (run_id TEXT PRIMARY KEY REFERENCES run (id), record TEXT NOT NULL) STRICT",
        """
        CREATE TABLE channel_energy (
            run_id TEXT NOT NULL REFERENCES run (id), name TEXT NOT NULL, device TEXT NOT NULL, basis TEXT NOT NULL,
            in_total INTEGER NOT NULL, joules REAL, uncertainty_j REAL, PRIMARY KEY (run_id, name)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE region_energy (
            run_id TEXT NOT NULL REFERENCES run (id), path TEXT NOT NULL, count INTEGER NOT NULL,
            duration_s REAL NOT NULL, joules REAL, uncertainty_j REAL, PRIMARY KEY (run_id, path)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE metric (
            run_id TEXT NOT NULL REFERENCES run (id), name TEXT NOT NULL, value REAL NOT NULL,
            PRIMARY KEY (run_id, name)
        ) STRICT, WITHOUT ROWID
        """,
    ]

    /// A run's own factors stand in its record; each later account is a row more.
    ///
    /// What live sources published is kept
    /// as it was fetched, so that a later figure for the same time stands beside the earlier one.
    private static let carbonTables = [
        """
        CREATE TABLE carbon_account (
            run_id TEXT NOT NULL REFERENCES run (id), made_at_us INTEGER NOT NULL, record TEXT NOT NULL,
            PRIMARY KEY (run_id, made_at_us)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE published_intensity (
            service TEXT NOT NULL, region TEXT NOT NULL, from_s INTEGER NOT NULL, to_s INTEGER NOT NULL,
            fetched_at_us INTEGER NOT NULL, g_per_kwh REAL NOT NULL, url TEXT NOT NULL, record TEXT NOT NULL,
            PRIMARY KEY (service, region, from_s, fetched_at_us)
        ) STRICT, WITHOUT ROWID
        """,
    ]

    /// Of both tables of chunks, `sequence` is the number of the stream's ticks before the chunk (a plain count of
    /// chunks in what the first schema wrote).
    private static let recentChunks = [
        """
        CREATE TABLE chunk_recent (
            run_id TEXT NOT NULL REFERENCES run (id), stream INTEGER NOT NULL, sequence INTEGER NOT NULL,
            ticks INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (run_id, stream, sequence)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TRIGGER chunk_recent_refuses_delete BEFORE DELETE ON chunk_recent
        WHEN NOT EXISTS (
            SELECT 1 FROM chunk WHERE run_id = OLD.run_id AND stream = OLD.stream
            AND sequence <= OLD.sequence AND sequence + ticks >= OLD.sequence + OLD.ticks
        )
        BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END
        """,
        """
        CREATE TRIGGER chunk_refuses_closed_run BEFORE INSERT ON chunk
        WHEN EXISTS (SELECT 1 FROM run_end WHERE run_id = NEW.run_id)
        BEGIN SELECT RAISE(ABORT, 'the run is closed'); END
        """,
        """
        CREATE TRIGGER chunk_recent_refuses_closed_run BEFORE INSERT ON chunk_recent
        WHEN EXISTS (SELECT 1 FROM run_end WHERE run_id = NEW.run_id)
        BEGIN SELECT RAISE(ABORT, 'the run is closed'); END
        """,
        "CREATE INDEX run_by_name ON run (name)",
    ]
}
