import Foundation
import GRDB

extension LedgerFile {
    /// Brings what can be read of a damaged ledger into a new one, as after a copy that was cut off.
    ///
    /// Row by row, table by table, until the first page of each that is not there. A file that is shorter than its
    /// header says is filled up first, since SQLite would not open it.
    ///
    /// - Returns: `nil` where not even a run can be read.
    public static func salvage(_ path: String, to target: String) throws -> LedgerFile? {
        let filled = target + "-filled"
        defer {
            for suffix in ["", "-wal", "-shm", "-journal"] {
                try? FileManager.default.removeItem(atPath: filled + suffix)
            }
        }
        guard try fillUp(path, to: filled), let source = try? openDamaged(filled) else { return nil }
        let ledger = try LedgerFile(path: target, mode: .readWrite)
        for table in ["experiment"] + tablesOfRuns { try? ledger.take(table, from: source) }
        let runs = try ledger.query { try Int.fetchOne($0, sql: "SELECT count(*) FROM run") ?? 0 }
        return runs > 0 ? ledger : nil
    }

    /// Copies a database with zeros for its missing end; `false` where it does not begin as one.
    private static func fillUp(_ path: String, to copy: String) throws -> Bool {
        guard var bytes = FileManager.default.contents(atPath: path), bytes.count >= 100,
            bytes.starts(with: Array("SQLite format 3\0".utf8))
        else { return false }
        let number = { (range: Range<Int>) in bytes[range].reduce(0) { $0 << 8 | Int($1) } }
        let pageSize = number(16..<18) == 1 ? 65_536 : number(16..<18)
        // The header's count of pages is honest in what SQLite wrote; a torn one must not ask for all memory.
        let wanted = min(pageSize * number(28..<32), max(bytes.count * 1000, 1 << 20))
        if wanted > bytes.count { bytes.append(Data(count: wanted - bytes.count)) }
        // A write-ahead log was not copied: what it held is lost, the rest can be read.
        (bytes[18], bytes[19]) = (1, 1)
        try bytes.write(to: URL(fileURLWithPath: copy))
        return true
    }

    private static func openDamaged(_ path: String) throws -> DatabaseQueue {
        let queue = try DatabaseQueue(path: plain(path))
        try queue.read { database in
            guard try Int.fetchOne(database, sql: "PRAGMA application_id") == Schema.applicationID else {
                throw LedgerError(.badData, "\(path) is not a ledger.", remedy: "Name another file.")
            }
        }
        return queue
    }

    /// Takes over the rows of a table that can be read and belong to runs that could.
    private func take(_ table: String, from source: DatabaseQueue) throws {
        try source.read { damaged in
            let rows = try Row.fetchCursor(damaged, sql: "SELECT * FROM \(table)")
            while let row = try rows.next() {
                // A row whose run is lost is of no use, and refused.
                try? change { try insert(row, into: table, $0) }
            }
        }
    }
}
