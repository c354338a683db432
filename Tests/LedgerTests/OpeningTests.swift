import Foundation
import GRDB
import Testing

@testable import Ledger

/// Files that are no ledger, or not one that can be used.
@Suite struct OpeningTests {
    /// What may lie where a ledger is wanted.
    enum Thing: String, CaseIterable {
        case nothing, text, otherDatabase, newer, empty, folder, cut, garbled, noFolder

        func make(at path: String) throws {
            switch self {
            case .nothing, .noFolder: break
            case .text: try "this is no ledger\n".write(toFile: path, atomically: false, encoding: .utf8)
            case .empty: try Data().write(to: URL(fileURLWithPath: path))
            case .folder: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            case .otherDatabase:
                try DatabaseQueue(path: path).inDatabase { try $0.execute(sql: "CREATE TABLE song (title TEXT)") }
            case .newer:
                _ = try LedgerFile(path: path, mode: .readWrite)
                try DatabaseQueue(path: path).inDatabase {
                    try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99')")
                }
            case .cut, .garbled:
                _ = try LedgerFile(path: path, mode: .readWrite)
                var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
                if self == .cut {
                    bytes = bytes.prefix(5000)
                } else {
                    bytes[100..<4096] = Data(repeating: 7, count: 3996)
                }
                try bytes.write(to: URL(fileURLWithPath: path))
            }
        }
    }

    /// Exit codes for reading and for writing; `nil` where it works.
    static let codes: [(Thing, Int32?, Int32?)] = [
        (.nothing, 66, nil), (.text, 65, 65), (.otherDatabase, 65, 65), (.newer, 65, 65), (.empty, 65, nil),
        (.folder, 65, 73), (.cut, 65, 65), (.garbled, 65, 65), (.noFolder, 66, 73),
    ]

    @Test(arguments: codes)
    func saysWhatIsWrong(thing: Thing, reading: Int32?, writing: Int32?) throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let path = scratch.path(thing == .noFolder ? "no/such/l.sqlite" : "l.sqlite")
        try thing.make(at: path)
        let before = try? Data(contentsOf: URL(fileURLWithPath: path))
        for (mode, code) in [(LedgerFile.Mode.readOnly, reading), (.readWrite, writing)] {
            let error = ledgerError { _ = try LedgerFile(path: path, mode: mode).runs() }
            #expect(error?.code.exitCode == code, "\(thing) \(mode): \(error.map { "\($0)" } ?? "no error")")
            guard let error else { continue }
            #expect(error.problem.contains(path))
            #expect(error.problem.hasSuffix(".") && error.remedy.hasSuffix("."))
        }
        if writing != nil {
            #expect((try? Data(contentsOf: URL(fileURLWithPath: path))) == before, "nothing was changed")
        }
    }

    @Test func aLedgerWhoseFirstWriterWasKilledGoesOn() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        try DatabaseQueue(path: scratch.path()).inDatabase {
            try $0.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
        }
        let error = ledgerError { _ = try LedgerFile(path: scratch.path(), mode: .readOnly) }
        #expect(error?.code == .badData && error?.problem.contains("no tables yet") == true)
        #expect(try scratch.ledger().runs().isEmpty)
    }

    @Test(arguments: [":memory:", "file:l.sqlite?mode=memory", "o'\"l"])
    func aNameThatSQLiteReadsOtherwiseIsAName(name: String) throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let arguments = ["run", "--quiet", "--ledger", name, "--", "true"]
        #expect(try Program.run([Program.path] + arguments, in: scratch).status == 0)
        #expect(try scratch.names().contains(name))
        #expect(try Program.run([Program.path, "show", "last", "--ledger", name], in: scratch).status == 0)
    }

    @Test func anEmptyPathIsNone() {
        #expect(ledgerError { _ = try LedgerFile(path: "", mode: .readOnly) }?.code == .badData)
        #expect(ledgerError { _ = try LedgerFile(path: "", mode: .readWrite) }?.code == .cannotWrite)
    }

    @Test func readingLeavesNoTrace() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        for name in ["plain.sqlite", "so? 100% #1.sqlite"] {
            do {
                let ledger = try scratch.ledger(name)
                try ledger.begin(runStart(), channels: [])
            }
            let (names, bytes) = (try scratch.names(), FileManager.default.contents(atPath: scratch.path(name)))
            do {
                let ledger = try LedgerFile(path: scratch.path(name), mode: .readOnly)
                #expect(try ledger.runs().count == 1)
                #expect(ledgerError { try ledger.begin(runStart("other"), channels: []) } != nil)
            }
            #expect(try scratch.names() == names)
            #expect(FileManager.default.contents(atPath: scratch.path(name)) == bytes)
        }
    }

    @Test func aNetworkFileSystemGetsAJournalAndALock() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        do {
            let ledger = try LedgerFile(path: scratch.path(), isNetwork: true)
            try ledger.begin(runStart(), channels: [channels(1)])
            let mode = try ledger.database.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
            #expect(mode == "delete")
            #expect(!(try scratch.names()).contains("l.sqlite-shm"), "no shared memory")
            let error = ledgerError { _ = try LedgerFile(path: scratch.path(), isNetwork: true) }
            #expect(error?.code == .locked)
            #expect(error?.problem.contains("locked by another process") == true)
        }
        let local = try scratch.ledger()
        #expect(try local.runs().count == 1)
        let mode = try local.database.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
        #expect(mode == "wal")
    }

    /// A writer on a network file system that was killed amid a transaction: its journal takes the half of it back.
    @Test func anInterruptedTransactionIsNotSeen() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let writer = try LedgerFile(path: scratch.path("writer.sqlite"), isNetwork: true)
        try writer.begin(runStart(), channels: [channels(1)])
        try writer.append("run-1", stream: 0, steady(channels(1), 0, 10))
        try writer.database.inDatabase { database in
            try database.execute(sql: "PRAGMA cache_size = 2; BEGIN IMMEDIATE")
            for place in 0..<200 {
                let text = String(repeating: "x", count: 4000)
                try database.execute(sql: "INSERT INTO experiment VALUES (?, ?, 1, '{}')", arguments: [place, text])
            }
            for suffix in ["", "-journal"] {
                try FileManager.default.copyItem(
                    atPath: scratch.path("writer.sqlite") + suffix,
                    toPath: scratch.path("left.sqlite") + suffix
                )
            }
            try database.execute(sql: "ROLLBACK")
        }
        for isNetwork in [true, false] {
            let reader = try LedgerFile.openForReading(scratch.path("left.sqlite"), isNetwork: isNetwork)
            let sql = "SELECT (SELECT count(*) FROM experiment), (SELECT sum(ticks) FROM chunk_recent)"
            let counts = try reader.read { try Row.fetchOne($0, sql: sql) }
            #expect(counts?[0] == 0 && counts?[1] == 10)
        }
        #expect(FileSystem.size(scratch.path("left.sqlite-journal")) > 0, "a reader leaves the journal to writers")
        let next = try LedgerFile(path: scratch.path("left.sqlite"), mode: .readWrite)
        #expect(try next.traces("run-1") == [steady(channels(1), 0, 10)])
        #expect(try next.experiments().isEmpty)
    }

    /// A ledger with a log, brought to a network file system: read without shared memory.
    @Test(arguments: [true, false])
    func aNetworkFileSystemIsReadWithoutSharedMemory(hasLog: Bool) throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        try leaveLedger(at: scratch, withLog: hasLog)
        let names = try scratch.names()
        let ledger = try LedgerFile.openForReading(scratch.path("left.sqlite"), isNetwork: true)
        #expect(try ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM run") } == 1)
        #expect(try scratch.names() == names)
    }
}

/// Leaves `left.sqlite` with one run of ten ticks, all of it in a write-ahead log or none.
func leaveLedger(at scratch: Scratch, withLog: Bool, withMemory: Bool = false) throws {
    let writer = try scratch.ledger("writer.sqlite")
    try writer.begin(runStart(), channels: [channels(1)])
    try writer.append("run-1", stream: 0, steady(channels(1), 0, 10))
    if !withLog { try writer.database.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) } }
    for suffix in [""] + (withLog ? ["-wal"] : []) + (withMemory ? ["-shm"] : []) {
        try FileManager.default.copyItem(
            atPath: scratch.path("writer.sqlite") + suffix,
            toPath: scratch.path("left.sqlite") + suffix
        )
    }
}
