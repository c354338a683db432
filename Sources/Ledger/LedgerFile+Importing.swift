import GRDB
internal import Metering

extension LedgerFile {
    /// Enters runs that ended elsewhere, without samples, unless they are here; all of them in one transaction.
    ///
    /// - Parameter runs: Whole runs; one without an end is passed over.
    public func add(_ runs: [RunRecord]) throws -> Merge {
        var result = Merge()
        try change { database in
            var known = try Set(String.fetchAll(database, sql: "SELECT id FROM run"))
            for run in runs {
                guard let end = run.end else {
                    result.open += 1
                    continue
                }
                guard known.insert(run.start.id).inserted else {
                    result.known += 1
                    continue
                }
                try enter(run.start, channels: [end.account.channels.map(\.channel)], database)
                try close(run.start.id, end, database)
                result.added += 1
            }
        }
        return result
    }
}
