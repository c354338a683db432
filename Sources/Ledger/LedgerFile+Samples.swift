import Foundation
import GRDB
public import Metering

extension LedgerFile {
    /// The most ticks of one chunk: what waited for a full disk is stored in pieces.
    private static let mostTicks = 1 << 16

    /// Stores samples of one stream in a transaction of their own, after those that are there.
    ///
    /// - Throws: `LedgerError` also where the run is closed, as after a recovery that took its writer for dead.
    public func append(_ run: String, stream: Int, _ samples: Trace) throws {
        var end = try change { try streamEnd(of: run, stream, $0) }
        try append(run, stream: stream, samples, at: &end)
    }

    /// Stores samples of one stream in a transaction of their own, at an end that only its writer moves: nothing needs
    /// to be looked up.
    ///
    /// - Throws: `LedgerError` as above; the end then stays where it was.
    public func append(_ run: String, stream: Int, _ samples: Trace, at end: inout StreamEnd) throws {
        guard samples.count > 0 else { return }
        var next = end
        next.add(samples.count)
        if !next.isFull {
            // A statement is a transaction of its own; one around it would take as long again.
            try change(inTransaction: false) {
                try insert(samples, into: "chunk_recent", run, stream, at: end.ticks, $0)
            }
        } else {
            next = try change { try appendAndGather(run, stream, samples, after: end, $0) }
        }
        end = next
    }

    private func appendAndGather(
        _ run: String,
        _ stream: Int,
        _ samples: Trace,
        after end: StreamEnd,
        _ database: Database
    ) throws -> StreamEnd {
        var end = end
        for first in stride(from: 0, to: samples.count, by: Self.mostTicks) {
            let piece = samples.slice(first..<min(samples.count, first + Self.mostTicks))
            try insert(piece, into: "chunk_recent", run, stream, at: end.ticks, database)
            end.add(piece.count)
            if end.isFull, try gather(run, stream, database) { end.gathered() }
        }
        return end
    }

    /// Writes what is in `chunk_recent` as whole chunks.
    func gatherAll(of run: String, _ database: Database) throws {
        let sql = "SELECT DISTINCT stream FROM chunk_recent WHERE run_id = ?"
        for stream in try Int.fetchAll(database, sql: sql, arguments: [run]) {
            try gather(run, stream, database)
        }
    }

    /// Writes the recent rows of a stream as one chunk; `false` where that would lose what is damaged.
    @discardableResult
    private func gather(_ run: String, _ stream: Int, _ database: Database) throws -> Bool {
        let condition = "FROM chunk_recent WHERE run_id = ? AND stream = ?"
        let channels = try channels(of: run, database)[stream] ?? []
        var whole = Trace(channels: channels)
        var sequence: Int?
        for row in try Row.fetchAll(
            database,
            sql: "SELECT sequence, data \(condition) ORDER BY sequence",
            arguments: [run, stream]
        ) {
            // A damaged row stays as it is: its chunk would leave it out, and the row could go.
            guard let part = ChunkCodec.decode(Array(row["data"] as Data), channels: channels) else { return false }
            sequence = sequence ?? row["sequence"]
            whole.append(part)
        }
        guard let sequence else { return true }
        try insert(whole, into: "chunk", run, stream, at: sequence, database)
        try database.execute(sql: "DELETE \(condition)", arguments: [run, stream])
        return true
    }

    private func insert(
        _ samples: Trace,
        into table: String,
        _ run: String,
        _ stream: Int,
        at sequence: Int,
        _ database: Database
    ) throws {
        let sql = "INSERT INTO \(table) (run_id, stream, sequence, ticks, data) VALUES (?, ?, ?, ?, ?)"
        // At every beat of a meter: compiling it anew would cost as much as running it.
        try database.cachedStatement(sql: sql).execute(
            arguments: [run, stream, sequence, samples.count, Data(ChunkCodec.encode(samples))]
        )
    }

    private func streamEnd(of run: String, _ stream: Int, _ database: Database) throws -> StreamEnd {
        let sql = """
            SELECT max(coalesce((SELECT max(sequence + ticks) FROM chunk WHERE run_id = ?1 AND stream = ?2), 0),
                       coalesce(max(sequence + ticks), 0)), count(*), coalesce(sum(ticks), 0)
            FROM chunk_recent WHERE run_id = ?1 AND stream = ?2
            """
        guard let row = try Row.fetchOne(database, sql: sql, arguments: [run, stream]) else { return StreamEnd() }
        return StreamEnd(ticks: row[0], recentRows: row[1], recentTicks: row[2])
    }

    /// The samples of a run, one trace a stream.
    ///
    /// - Throws: `LedgerError` that names the chunk where one is damaged.
    public func traces(_ run: String) throws -> [Trace] {
        let (traces, damaged) = try readableTraces(run)
        guard damaged.isEmpty else {
            throw LedgerError(
                .badData,
                "Of run \(run) in \(path), \(damaged.joined(separator: " and ")) cannot be decoded.",
                remedy: "Its stored joules stand; what depends on its samples cannot be made again."
            )
        }
        return traces
    }

    /// The samples that can be decoded, and the names of the chunks that cannot.
    ///
    /// One transaction, so that a chunk that a writer gathers meanwhile is seen once.
    public func readableTraces(_ run: String) throws -> (traces: [Trace], damaged: [String]) {
        try query { database in
            let streams = try channels(of: run, database)
            var traces = (0...(streams.keys.max() ?? 0)).map { Trace(channels: streams[$0] ?? []) }
            var damaged: [String] = []
            for stream in streams.keys.sorted() {
                for (sequence, ticks, data) in try chunks(of: run, stream, database) {
                    let chunk = ChunkCodec.decode(data, channels: traces[stream].channels)
                    if let chunk, chunk.count == ticks {
                        traces[stream].append(chunk)
                    } else {
                        damaged.append("chunk \(sequence) of stream \(stream)")
                    }
                }
            }
            return (streams.isEmpty ? [] : traces, damaged)
        }
    }

    private func chunks(
        of run: String,
        _ stream: Int,
        _ database: Database
    ) throws -> [(sequence: Int, ticks: Int, data: [UInt8])] {
        // A ledger of the first schema that may not be written has one table only.
        let tables = try database.tableExists("chunk_recent") ? ["chunk", "chunk_recent"] : ["chunk"]
        let parts = tables.map { "SELECT sequence, ticks, data FROM \($0) WHERE run_id = ?1 AND stream = ?2" }
        let sql = parts.joined(separator: " UNION ALL ") + " ORDER BY sequence"
        return try Row.fetchAll(database, sql: sql, arguments: [run, stream]).map {
            ($0["sequence"], $0["ticks"], Array($0["data"] as Data))
        }
    }

    private func channels(of run: String, _ database: Database) throws -> [Int: [Channel]] {
        let sql = "SELECT stream, record FROM channel WHERE run_id = ? ORDER BY stream, position"
        var channels: [Int: [Channel]] = [:]
        for row in try Row.fetchAll(database, sql: sql, arguments: [run]) {
            channels[row["stream"], default: []].append(try decoded(row["record"], Channel.self))
        }
        return channels
    }
}

extension Trace {
    fileprivate func slice(_ range: Range<Int>) -> Trace {
        guard range != 0..<count else { return self }
        return Trace(
            channels: channels,
            before: Array(before[range]),
            after: Array(after[range]),
            columns: columns.map { Array($0[range]) }
        )
    }
}
