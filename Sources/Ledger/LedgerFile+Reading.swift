import Foundation
import GRDB
import Metering

extension LedgerFile {
    /// What of a run is read beside its figures: totals, channels, metrics and counts.
    public struct Parts: OptionSet, Sendable {
        public var rawValue: Int

        /// A set of parts.
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// Every line of the marks.
        public static let marks = Parts(rawValue: 1)
        /// Regions, courses of metrics, and of each channel the gaps and the budget.
        public static let detail = Parts(rawValue: 2)
        public static let all: Parts = [.marks, .detail]
    }

    /// Every run with its figures alone, newest first; of a job's runs the most complete.
    public func runs() throws -> [RunRecord] {
        try records(where: hasJobs ? "WHERE \(Self.isCurrent)" : "", arguments: [], parts: [])
    }

    /// The idle runs that belong to no experiment, newest first.
    public func idleRuns() throws -> [RunRecord] {
        try records(where: "WHERE run.role = 'idle' AND run.experiment_id IS NULL", arguments: [], parts: [])
    }

    /// The runs of an experiment, in the order in which they ran.
    public func runs(ofExperiment id: String, parts: Parts = .all) throws -> [RunRecord] {
        try records(where: "WHERE run.experiment_id = ?", arguments: [id], parts: parts).reversed()
    }

    /// One run with all its detail, by its full id.
    public func record(_ id: String) throws -> RunRecord {
        guard let found = try records(where: "WHERE run.id = ?", arguments: [id], parts: .all).first else {
            throw unknown("run", id)
        }
        return found
    }

    /// The full id that a user means: an id, a unique prefix, a name that one run has, `last` or `last~N`.
    public func resolve(_ reference: String) throws -> String {
        if let back = stepsBack(reference) {
            let current = try hasJobs ? "AND \(Self.isCurrent)" : ""
            let sql =
                "SELECT id FROM run WHERE role = 'measurement' \(current) ORDER BY started_at_us DESC, id DESC LIMIT 1 OFFSET ?"
            guard let id = try query({ try String.fetchOne($0, sql: sql, arguments: [back]) }) else {
                throw LedgerError(
                    .notFound,
                    "The ledger \(path) has no run '\(reference)'.",
                    remedy: "See what it holds with `wattbook list`."
                )
            }
            return id
        }
        let exact = try query {
            try String.fetchAll(
                $0,
                sql: "SELECT id FROM run WHERE id = ?1 OR name = ?1 AND role <> 'part' LIMIT 6",
                arguments: [reference]
            )
        }
        let lower = reference.lowercased()
        let prefixed = try query {
            // No character of an id lies above the tilde.
            try String.fetchAll(
                $0,
                sql: "SELECT id FROM run WHERE id BETWEEN ?1 AND ?1 || '~' ORDER BY id LIMIT 6",
                arguments: [lower]
            )
        }
        let found = exact.isEmpty ? prefixed : exact
        guard let id = found.first, !reference.isEmpty else { throw unknown("run", reference) }
        guard found.count == 1 else { throw ambiguous("runs", reference, found) }
        return id
    }

    /// Every experiment, newest first.
    public func experiments() throws -> [ExperimentRecord] {
        try query {
            try String.fetchAll($0, sql: "SELECT record FROM experiment ORDER BY created_at_us DESC, id DESC")
        }.map { try decoded($0, ExperimentRecord.self) }
    }

    /// The experiment that a user means: an id, a unique prefix, or a name (the newest of that name).
    public func experiment(_ reference: String) throws -> ExperimentRecord {
        let all = try experiments()
        if let found = all.first(where: { $0.id == reference || $0.name == reference }) { return found }
        let prefixed = all.filter { $0.id.hasPrefix(reference.lowercased()) }
        guard let found = prefixed.first, !reference.isEmpty else { throw unknown("experiment", reference) }
        guard prefixed.count == 1 else { throw ambiguous("experiments", reference, prefixed.map(\.id)) }
        return found
    }

    func records(
        where condition: String,
        arguments: StatementArguments,
        parts: Parts
    ) throws -> [RunRecord] {
        try query { database in
            // A ledger of an earlier schema that may not be written has no table of details.
            let sources: [(table: String, part: Parts)] = [("run_marks", .marks), ("run_detail", .detail)]
            let present = try sources.filter { try parts.contains($0.part) && database.tableExists($0.table) }
                .map(\.table)
            let columns = sources.map(\.table).map { present.contains($0) ? "\($0).record" : "NULL" }.joined(
                separator: ", "
            )
            let joins = (["run_end"] + present).map { "LEFT JOIN \($0) ON \($0).run_id = run.id" }
            // One row after the other, so that the texts of many runs are never in memory together.
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT run.record, run_end.record, \(columns) FROM run \(joins.joined(separator: " "))
                    \(condition) ORDER BY run.started_at_us DESC, run.id DESC
                    """,
                arguments: arguments
            )
            var records: [RunRecord] = []
            while let row = try rows.next() {
                let start = try decoded(bytes(row, 0), RunStart.self)
                var end = try bytes(row, 1).map { try decoded($0, RunEnd.self) }
                if let marks = bytes(row, 2) { end?.marks.marks = try decoded(marks, [Mark].self) }
                if let detail = bytes(row, 3) { end?.restore(try decoded(detail, RunDetail.self)) }
                records.append(RunRecord(start: start, end: end))
            }
            return records
        }
    }

    private func bytes(_ row: Row, _ column: Int) -> [UInt8]? {
        let data: Data? = row[column]
        return data.map { Array($0) }
    }

    private func stepsBack(_ reference: String) -> Int? {
        if reference == "last" { return 0 }
        guard reference.hasPrefix("last~"), let steps = Int(reference.dropFirst(5)), steps >= 0 else { return nil }
        return steps
    }

    private func ambiguous(_ kind: String, _ reference: String, _ ids: [String]) -> LedgerError {
        let several = ids.prefix(5).joined(separator: ", ") + (ids.count > 5 ? ", ..." : "")
        return LedgerError(
            .notFound,
            "'\(reference)' stands for several \(kind) in \(path): \(several).",
            remedy: "Type more of the id."
        )
    }

    private func unknown(_ kind: String, _ reference: String) -> LedgerError {
        LedgerError(
            .notFound,
            "The ledger \(path) has no \(kind) '\(reference)'.",
            remedy: "See what it holds with `wattbook list`."
        )
    }

    func decoded<Value: Decodable>(_ text: String, _ type: Value.Type) throws -> Value {
        try decoded(Array(text.utf8), type)
    }

    /// - Throws: `LedgerError` where the text is missing or holds something else.
    private func decoded<Value: Decodable>(_ text: [UInt8]?, _ type: Value.Type) throws -> Value {
        do {
            return try RecordDecoder.decode(type, from: text ?? [])
        } catch {
            throw LedgerError(
                .badData,
                "The ledger \(path) holds a row that this version cannot read.",
                remedy: "Use the version that wrote it; nothing was changed."
            )
        }
    }

    func query<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            return try database.read(body)
        } catch {
            throw LedgerFile.explain(error, path: path)
        }
    }
}
