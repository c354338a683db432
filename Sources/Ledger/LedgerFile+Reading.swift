import Foundation
import GRDB
import Metering

extension LedgerFile {
    /// Every run without its marks, newest first.
    public func runs() throws -> [RunRecord] {
        try records(where: "", arguments: [], withMarks: false)
    }

    /// The idle runs that belong to no experiment, newest first.
    public func idleRuns() throws -> [RunRecord] {
        try records(
            where: "WHERE run.role = 'idle' AND run.experiment_id IS NULL",
            arguments: [],
            withMarks: false
        )
    }

    /// The runs of an experiment with their marks, in the order in which they ran.
    public func runs(ofExperiment id: String) throws -> [RunRecord] {
        try records(where: "WHERE run.experiment_id = ?", arguments: [id], withMarks: true).reversed()
    }

    /// One run with its marks, by its full id.
    public func record(_ id: String) throws -> RunRecord {
        guard let found = try records(where: "WHERE run.id = ?", arguments: [id], withMarks: true).first else {
            throw unknown("run", id)
        }
        return found
    }

    /// The full id that a user means: an id, a unique prefix, a name that one run has, `last` or `last~N`.
    public func resolve(_ reference: String) throws -> String {
        if let back = stepsBack(reference) {
            let sql =
                "SELECT id FROM run WHERE role = 'measurement' ORDER BY started_at_us DESC, id DESC LIMIT 1 OFFSET ?"
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
                sql: "SELECT id FROM run WHERE id = ?1 OR name = ?1 LIMIT 6",
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

    private func records(
        where condition: String,
        arguments: StatementArguments,
        withMarks: Bool
    ) throws -> [RunRecord] {
        let marks = withMarks ? "run_marks.record" : "NULL"
        let rows = try query {
            try Row.fetchAll(
                $0,
                sql: """
                    SELECT run.record AS start, run_end.record AS end, \(marks) AS marks FROM run
                    LEFT JOIN run_end ON run_end.run_id = run.id LEFT JOIN run_marks ON run_marks.run_id = run.id
                    \(condition) ORDER BY run.started_at_us DESC, run.id DESC
                    """,
                arguments: arguments
            )
        }
        return try rows.map { row in
            var record = RunRecord(start: try decoded(row["start"], RunStart.self), end: nil)
            if let text: String = row["end"] {
                var end = try decoded(text, RunEnd.self)
                if let marks: String = row["marks"] { end.marks.marks = try decoded(marks, [Mark].self) }
                record.end = end
            }
            return record
        }
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
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        do {
            return try decoder.decode(type, from: Data(text.utf8))
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
