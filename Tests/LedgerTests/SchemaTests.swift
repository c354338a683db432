import Foundation
import GRDB
import Metering
import Quantities
import Testing

@testable import Ledger

/// The file defends what was measured, also against SQL that does not come from Wattbook.
@Suite struct SchemaTests {
    private static let tables = [
        "experiment", "run", "channel", "chunk", "run_end", "run_marks", "channel_energy", "region_energy", "metric",
        "chunk_recent", "run_detail", "carbon_account", "published_intensity", "job_run",
    ]

    /// A ledger with at least a row in each table.
    private func full(_ scratch: Scratch) throws -> LedgerFile {
        let ledger = try scratch.ledger()
        let (experiment, start, end) = (FullRecords.experiment, FullRecords.start, FullRecords.end)
        try ledger.add(experiment)
        try ledger.begin(start, channels: [channels(2)])
        try ledger.append(start.id, stream: 0, steady(channels(2), 0, 10))
        try ledger.finish(start.id, end)
        try ledger.add(start.carbon, to: start.id, at: 1)
        try ledger.add([FullRecords.published])
        try ledger.add(job: "slurm//7", RunRecord(start: runStart("job"), end: runEnd()), parts: 2)
        try ledger.begin(runStart("open"), channels: [channels(2)])
        try ledger.append("open", stream: 0, steady(channels(2), 0, 10))
        return ledger
    }

    @Test(arguments: tables)
    func refusesChange(table: String) throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try full(scratch)
        let rows = try ledger.number("SELECT count(*) FROM \(table)")
        #expect(rows > 0)
        let column =
            ["experiment", "run"].contains(table) ? "id" : table == "published_intensity" ? "region" : "run_id"
        for sql in ["UPDATE \(table) SET \(column) = \(column)", "DELETE FROM \(table)"] {
            let refusal = #expect(throws: DatabaseError.self) { try ledger.execute(sql) }
            #expect(refusal?.message == "a ledger is append-only")
        }
        #expect(try ledger.number("SELECT count(*) FROM \(table)") == rows)
    }

    @Test func everyTableIsStrict() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        let loose = try ledger.database.read {
            try String.fetchSet(
                $0,
                sql: "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict"
            )
        }
        #expect(loose.subtracting(["sqlite_schema", "grdb_migrations"]) == [])
        let names = try ledger.database.read {
            try String.fetchSet($0, sql: "SELECT name FROM pragma_table_list WHERE strict")
        }
        #expect(names == Set(Self.tables))
        #expect(throws: DatabaseError.self) {
            try ledger.execute("INSERT INTO experiment VALUES ('i', 'n', 'not a time', '{}')")
        }
    }

    @Test func foreignKeysHold() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        let failure = ledgerError { try ledger.append("nobody", stream: 0, steady(channels(1), 0, 1)) }
        #expect(failure?.problem.contains("FOREIGN KEY") == true)
        var start = runStart()
        start.place = ArmPlace(experimentID: "nothing", levels: [:], block: 0, position: 0)
        #expect(ledgerError { try ledger.begin(start, channels: []) } != nil)
        #expect(try ledger.runs().isEmpty, "a refused run leaves nothing behind")
    }

    @Test func aClosedRunTakesNoSamples() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try full(scratch)
        let failure = ledgerError {
            try ledger.append(FullRecords.start.id, stream: 0, steady(channels(2), 10, 10))
        }
        #expect(failure?.problem.contains("the run is closed") == true)
        #expect(ledgerError { try ledger.finish(FullRecords.start.id, runEnd()) } != nil, "a run ends once")
    }

    @Test func aLedgerOfTheFirstSchemaIsReadAndGoesOn() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        try FileManager.default.copyItem(atPath: Scratch.fixtures + "schema-1.ledger", toPath: scratch.path())

        let old = try LedgerFile(path: scratch.path(), mode: .readOnly)
        let runs = try old.runs()
        #expect(runs.count == 6)
        #expect(runs.allSatisfy { $0.end?.account.total.budget == nil }, "it had no budgets")
        let before = try runs.map { try old.traces($0.start.id) }
        #expect(try old.experiments().map(\.name) == ["old"])
        #expect(before.allSatisfy { ($0.first?.count ?? 0) >= 4 })

        let new = try scratch.ledger()
        #expect(try new.runs() == runs)
        #expect(try runs.map { try new.traces($0.start.id) } == before, "migration moves no sample")
        #expect(try new.number("SELECT count(*) FROM pragma_foreign_key_check") == 0)

        var host = testHost
        (host.name, host.bootID) = ("test-host", "a later boot")
        let closed = try new.recover(host: host)
        #expect(closed.map(\.start.name) == ["doomed"])
        #expect(closed.first?.state == .interrupted)
        #expect((closed.first?.end?.account.total.joules?.value ?? 0) > 10, "15 W for three seconds")
        try new.begin(runStart(), channels: [channels(1)])
        try new.append("run-1", stream: 0, steady(channels(1), 0, 5))
        #expect(try new.traces("run-1") == [steady(channels(1), 0, 5)])
    }
}
