import Foundation
import GRDB
public import Metering
import Quantities

extension LedgerFile {
    /// Enters a run that starts now, with the channels of each of its streams.
    ///
    /// Where the start does not say when its writer was born, that is looked up here.
    public func begin(_ start: RunStart, channels: [[Channel]]) throws {
        var start = start
        start.writerBirth = start.writerBirth ?? ProcessBirth(of: start.writerPID)
        try change { try enter(start, channels: channels, $0) }
    }

    /// Writes the start of a run.
    func enter(_ start: RunStart, channels: [[Channel]] = [], _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO run (id, name, role, experiment_id, started_at_us, start_ns, record)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                start.id, start.name, start.role.rawValue, start.place?.experimentID, start.startedAt, start.start,
                try json(start),
            ]
        )
        for (stream, channels) in channels.enumerated() {
            for (position, channel) in channels.enumerated() {
                try database.execute(
                    sql: "INSERT INTO channel (run_id, stream, position, name, record) VALUES (?, ?, ?, ?, ?)",
                    arguments: [start.id, stream, position, channel.name, try json(channel)]
                )
            }
        }
    }

    /// Closes a run with everything that was derived from its samples.
    public func finish(_ run: String, _ end: RunEnd) throws {
        try change { try close(run, end, $0) }
    }

    /// Writes the end of a run, and its last samples as whole chunks.
    func close(_ run: String, _ end: RunEnd, _ database: Database) throws {
        try gatherAll(of: run, database)
        let start = try Int64.fetchOne(database, sql: "SELECT start_ns FROM run WHERE id = ?", arguments: [run])
        var bare = end
        bare.shortenMarks()
        let marks = bare.marks.marks
        let detail = bare.removeDetail()
        let total = end.account.total
        try database.execute(
            sql: """
                INSERT INTO run_end (run_id, state, exit_status, duration_s, total_j, uncertainty_j, basis, record)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                run, end.state.rawValue, end.exitStatus, Double(end.end - (start ?? end.end)) * 1e-9,
                total.joules?.value, total.uncertainty?.value, total.basis.rawValue, try json(bare),
            ]
        )
        try database.execute(
            sql: "INSERT INTO run_marks (run_id, record) VALUES (?, ?)",
            arguments: [run, try json(pieces: marks)]
        )
        try database.execute(
            sql: "INSERT INTO run_detail (run_id, record) VALUES (?, ?)",
            arguments: [run, try json(detail)]
        )
        try insertFigures(run, end, database)
    }

    /// Enters an experiment before its first run.
    public func add(_ experiment: ExperimentRecord) throws {
        try change { database in
            try database.execute(
                sql: "INSERT INTO experiment (id, name, created_at_us, record) VALUES (?, ?, ?, ?)",
                arguments: [experiment.id, experiment.name, experiment.createdAt, try json(experiment)]
            )
        }
    }

    /// What stands in the record too, for people who ask in SQL; a row that will not go in costs nothing else.
    private func insertFigures(_ run: String, _ end: RunEnd, _ database: Database) throws {
        for energy in end.account.channels {
            try database.execute(
                sql: """
                    INSERT OR IGNORE INTO channel_energy (run_id, name, device, basis, in_total, joules, uncertainty_j)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    run, energy.channel.name, energy.channel.device.rawValue, energy.channel.basis.rawValue,
                    energy.channel.inTotal, energy.joules?.value, energy.uncertainty?.value,
                ]
            )
        }
        for region in end.account.regions {
            try database.execute(
                sql: """
                    INSERT OR IGNORE INTO region_energy (run_id, path, count, duration_s, joules, uncertainty_j)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    run, region.path, region.count, region.duration.value, region.joules?.value,
                    region.uncertainty?.value,
                ]
            )
        }
        for (name, value) in end.metrics.sorted(by: { $0.key < $1.key }) where value.isFinite {
            try database.execute(
                sql: "INSERT OR IGNORE INTO metric (run_id, name, value) VALUES (?, ?, ?)",
                arguments: [run, name, value]
            )
        }
    }

    /// Runs the body in one transaction, or each of its statements in one of its own.
    func change<Value>(inTransaction: Bool = true, _ body: (Database) throws -> Value) throws -> Value {
        guard mode == .readWrite else {
            throw LedgerError(
                .noPermission,
                "The ledger \(path) was opened for reading only.",
                remedy: "Use a command that writes, as wattbook run."
            )
        }
        do {
            return try inTransaction ? database.write(body) : database.writeWithoutTransaction(body)
        } catch {
            throw LedgerFile.explain(error, path: path)
        }
    }
}

/// An array as JSON text, the same as at once: an encoder takes a hundred times the memory of what it encodes.
func json(pieces values: [some Encodable]) throws -> String {
    var text = "["
    for start in stride(from: 0, to: values.count, by: 4096) {
        if start > 0 { text += "," }
        text += try json(Array(values[start..<min(start + 4096, values.count)])).dropFirst().dropLast()
    }
    return text + "]"
}

/// A value as JSON text with sorted keys, so that equal values are equal text.
///
/// NaN and infinity are words.
func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf",
        negativeInfinity: "-inf",
        nan: "nan"
    )
    let text = try encoder.encode(value)
    // SQLite takes no more in a row, and ends the program that tries.
    guard text.count < 500_000_000 else {
        throw LedgerError(
            .tooLarge,
            "A run says \(text.count / 1_000_000) MB of itself in one row, and a ledger takes 500 MB.",
            remedy: "Give regions, metrics and facts fewer names."
        )
    }
    return String(decoding: text, as: UTF8.self)
}
