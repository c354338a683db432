import GRDB

extension LedgerFile {
    /// Copies a run of another ledger that was measured for an experiment of this one, with all that belongs to it.
    ///
    /// - Parameter edit: Gives it what its meter did not know: its place, its name, how its grams are computed.
    /// - Throws: Where the run is here already.
    public func adopt(_ id: String, from other: LedgerFile, _ edit: (inout RunStart) -> Void) throws {
        guard try query({ try Int.fetchOne($0, sql: "SELECT count(*) FROM run WHERE id = ?", arguments: [id]) }) == 0
        else {
            throw LedgerError(
                .conflict,
                "The run \(id) of \(other.path) is in \(path) already.",
                remedy: "Carry the plan out into another ledger, with --ledger."
            )
        }
        var start = try other.record(id).start
        edit(&start)
        let tables = try other.query { database in
            try Self.tablesOfRuns.filter { try database.tableExists($0) }
        }
        try copy(run: id, tables, from: other, as: start)
    }
}
