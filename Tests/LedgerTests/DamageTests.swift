import Foundation
import GRDB
import Metering
import Testing

@testable import Ledger

/// A damaged chunk is named, and costs no other.
@Suite struct DamageTests {
    /// Flips a bit of one chunk, past the trigger that forbids it.
    private func damage(_ ledger: LedgerFile, _ table: String, sequence: Int) throws {
        try ledger.database.write { database in
            try database.execute(sql: "DROP TRIGGER \(table)_refuses_update")
            let sql = "SELECT data FROM \(table) WHERE sequence = ?"
            guard var data = try Data.fetchOne(database, sql: sql, arguments: [sequence]) else { return }
            data[data.count / 2] ^= 0x10
            try database.execute(
                sql: "UPDATE \(table) SET data = ? WHERE sequence = ?",
                arguments: [data, sequence]
            )
        }
    }

    @Test func aDamagedChunkIsNamedAndTheOthersAreRead() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        try ledger.begin(runStart(), channels: [channels(2)])
        for piece in 0..<3 { try ledger.append("run-1", stream: 0, steady(channels(2), piece * 5000, 5000)) }
        try ledger.finish("run-1", runEnd())
        #expect(try ledger.number("SELECT count(*) FROM chunk") == 3)
        try damage(ledger, "chunk", sequence: 5000)

        let error = ledgerError { _ = try ledger.traces("run-1") }
        #expect(error?.code == .badData)
        #expect(error?.problem.contains("run-1") == true)
        #expect(error?.problem.contains("chunk 5000 of stream 0") == true)
        #expect(error?.problem.contains(scratch.path()) == true)
        var rest = steady(channels(2), 0, 5000)
        rest.append(steady(channels(2), 10000, 5000))
        let (traces, damaged) = try ledger.readableTraces("run-1")
        #expect(traces == [rest])
        #expect(damaged == ["chunk 5000 of stream 0"])
        #expect(try ledger.record("run-1").end == runEnd(), "its figures stand")
    }

    @Test func aDamagedChunkOfAnOpenRunIsKeptAsItIs() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        var start = runStart()
        start.host.bootID = "boot-0"
        try ledger.begin(start, channels: [channels(1)])
        for piece in 0..<3 { try ledger.append("run-1", stream: 0, steady(channels(1), piece * 10, 10)) }
        try damage(ledger, "chunk_recent", sequence: 10)

        let closed = try ledger.recover(host: testHost)
        #expect(closed.first?.end?.warnings.contains { $0.contains("chunk 10 of stream 0") } == true)
        #expect(try ledger.readableTraces("run-1").traces.first?.count == 20)
        #expect(try ledger.number("SELECT count(*) FROM chunk_recent") == 3)
    }
}
