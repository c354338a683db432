import GRDB

extension LedgerFile {
    /// Starts of all parts of jobs, oldest first.
    public func partStarts() throws -> [RunStart] {
        try query {
            try String.fetchAll($0, sql: "SELECT record FROM run WHERE role = 'part' ORDER BY started_at_us, id")
        }.map { try decoded($0, RunStart.self) }
    }

    /// The runs that stand for jobs, newest first, without those that a more complete one replaced.
    public func jobRuns() throws -> [RunRecord] {
        guard try hasJobs else { return [] }
        return try query {
            try String.fetchAll(
                $0,
                sql: """
                    SELECT id FROM run JOIN job_run ON run_id = id WHERE \(Self.isCurrent) ORDER BY started_at_us DESC
                    """
            )
        }.map(record)
    }

    /// The parts that a job's run was made of, with their figures alone, oldest first.
    public func parts(of job: JobAccount) throws -> [RunRecord] {
        try records(
            where: "WHERE run.id IN (SELECT value FROM json_each(?))",
            arguments: [json(job.parts)],
            parts: []
        ).reversed()
    }

    /// The id of the run that stands for a job now, and the number of parts that it was made of.
    public func jobRun(of job: String) throws -> (id: String, parts: Int)? {
        try query { database in
            try Row.fetchOne(
                database,
                sql: "SELECT run_id, parts FROM job_run WHERE job = ? ORDER BY parts DESC, run_id DESC LIMIT 1",
                arguments: [job]
            ).map { (id: $0[0], parts: $0[1]) }
        }
    }

    /// Enters the run of a job, in the place of one of fewer parts; a run that is here already stays.
    ///
    /// - Parameters:
    ///   - job: The job's attempt, the same word for all of its runs.
    ///   - run: A run that has ended.
    ///   - parts: How many parts it was made of.
    public func add(job: String, _ run: RunRecord, parts: Int) throws {
        guard let end = run.end else { return }
        try change { database in
            let known = try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM run WHERE id = ?",
                arguments: [run.start.id]
            )
            guard known == 0 else { return }
            let start = run.start
            try database.execute(
                sql: """
                    INSERT INTO run (id, name, role, experiment_id, started_at_us, start_ns, record)
                    VALUES (?, ?, ?, NULL, ?, ?, ?)
                    """,
                arguments: [start.id, start.name, start.role.rawValue, start.startedAt, start.start, try json(start)]
            )
            try close(start.id, end, database)
            try database.execute(
                sql: "INSERT INTO job_run (run_id, job, parts) VALUES (?, ?, ?)",
                arguments: [start.id, job, parts]
            )
        }
    }

    /// Whether the ledger knows of jobs: one of an earlier schema that may not be written does not.
    var hasJobs: Bool { get throws { try query { try $0.tableExists("job_run") } } }

    /// Of a job's runs the one of the most parts counts, the later id among equals.
    static let isCurrent = """
        NOT EXISTS (
            SELECT 1 FROM job_run AS own JOIN job_run AS other ON other.job = own.job
            WHERE own.run_id = run.id
            AND (other.parts > own.parts OR other.parts = own.parts AND other.run_id > own.run_id)
        )
        """
}
