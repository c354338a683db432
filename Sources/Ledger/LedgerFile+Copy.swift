import Foundation
import GRDB
import Metering

extension LedgerFile {
    /// Writes a whole copy of the ledger as it stands to a new file; others may go on writing to this one.
    ///
    /// Page by page and without a log: the tables' beginnings stay in front, where a copy of it that is cut off has them.
    public func copy(to path: String) throws {
        do {
            let target = try DatabaseQueue(path: Self.plain(path))
            try database.backup(to: target)
            try target.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            try target.close()
        } catch {
            throw LedgerFile.explain(error, path: path)
        }
    }

    /// Closes every open run as interrupted, whether its meter lives or not: for a copy that nobody writes to.
    ///
    /// Marks are read where they still lie on this machine; they stay there.
    public func closeOpenRuns() throws {
        for id in try openRuns() {
            guard let run = try? record(id) else { continue }
            let (traces, damaged) = try readableTraces(id)
            let end = remains(of: run.start, traces, damaged)
            try change { try close(id, end, $0) }
        }
    }

    /// Ids of the runs that have not ended, oldest first.
    public func openRuns() throws -> [String] {
        try query {
            try String.fetchAll(
                $0,
                sql: """
                    SELECT id FROM run WHERE NOT EXISTS (SELECT 1 FROM run_end WHERE run_id = run.id)
                    ORDER BY started_at_us
                    """
            )
        }
    }

    /// Takes an open or cut run of another ledger in as a run of its own, closed as interrupted, unless it is here.
    ///
    /// Its id follows from the run's and its last sample, and its tag `rescued` names the run: where a whole one turns
    /// up, it counts in its place.
    ///
    /// - Returns: Whether it was added.
    public func addRemains(of id: String, from other: LedgerFile) throws -> Bool {
        let run = try other.record(id)
        let (traces, damaged) = try other.readableTraces(id)
        let end = run.end ?? remains(of: run.start, traces, damaged)
        var start = run.start
        start.id = derivedID(at: start.startedAt, from: ["remains", id, "\(end.end)"])
        start.tags["rescued"] = start.tags["rescued"] ?? id
        let isKnown = try query {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM run WHERE id = ?", arguments: [start.id]) ?? 0
        }
        guard isKnown == 0 else { return false }
        try begin(start, channels: traces.map(\.channels))
        for (stream, trace) in traces.enumerated() where trace.count > 0 {
            try append(start.id, stream: stream, trace)
        }
        try finish(start.id, end)
        return true
    }
}
