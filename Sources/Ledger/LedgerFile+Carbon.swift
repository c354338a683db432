public import Carbon
import GRDB
import Quantities

/// The factors of an account that was made of a run after its own.
public struct CarbonEntry: Sendable, Hashable {
    /// When it was made, microseconds since 1970 (UTC).
    public var madeAt: Int64
    /// Every factor, written out.
    public var settings: CarbonSettings
}

extension LedgerFile {
    /// Adds an account of a run under other factors beside those that it has; its joules stay as they are.
    public func add(_ settings: CarbonSettings, to run: String, at time: Int64) throws {
        try change { database in
            // Two in one microsecond are one after the other.
            let last = try Int64.fetchOne(
                database,
                sql: "SELECT max(made_at_us) FROM carbon_account WHERE run_id = ?",
                arguments: [run]
            )
            try database.execute(
                sql: "INSERT INTO carbon_account (run_id, made_at_us, record) VALUES (?, ?, ?)",
                arguments: [run, max(time, (last ?? 0) + 1), try json(settings)]
            )
        }
    }

    /// The accounts that were made of a run after its own, the oldest first.
    public func carbonEntries(of run: String) throws -> [CarbonEntry] {
        try query { database in
            guard try database.tableExists("carbon_account") else { return [] }
            return try Row.fetchAll(
                database,
                sql: "SELECT made_at_us, record FROM carbon_account WHERE run_id = ? ORDER BY made_at_us",
                arguments: [run]
            ).map { CarbonEntry(madeAt: $0[0], settings: try decoded($0[1] as String, CarbonSettings.self)) }
        }
    }

    /// The runs with the factors of the newest account of each in place of their own.
    public func withNewestCarbon(_ runs: [RunRecord]) throws -> [RunRecord] {
        let newest = try query { database -> [String: CarbonSettings] in
            guard try database.tableExists("carbon_account") else { return [:] }
            let rows = try Row.fetchAll(
                database,
                sql: "SELECT run_id, record FROM carbon_account ORDER BY run_id, made_at_us"
            )
            var newest: [String: String] = [:]
            for row in rows { newest[row[0]] = row[1] }
            let wanted = Set(runs.map(\.start.id))
            return try newest.filter { wanted.contains($0.key) }.mapValues { try decoded($0, CarbonSettings.self) }
        }
        guard !newest.isEmpty else { return runs }
        return runs.map { run in
            guard let settings = newest[run.start.id] else { return run }
            var run = run
            run.start.carbon = settings
            return run
        }
    }

    /// Keeps what a live source published.
    public func add(_ published: [PublishedIntensity]) throws {
        try change { database in
            for one in published {
                try database.execute(
                    sql: """
                        INSERT OR IGNORE INTO published_intensity
                        (service, region, from_s, to_s, fetched_at_us, g_per_kwh, url, record)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        one.source.service.rawValue, one.source.region ?? "", one.interval.from, one.interval.to,
                        one.fetchedAt, one.interval.value.value, one.url, try json(one),
                    ]
                )
            }
        }
    }

    /// What is kept of a source for a span of time, microseconds since 1970 (UTC): of each interval the newest figure.
    ///
    /// A figure that its publisher may still change is left out once it is older than `patience` microseconds.
    public func published(
        by source: LiveSource,
        for run: Range<Int64>,
        now: Int64,
        patience: Int64 = 900_000_000
    ) throws -> [PublishedIntensity] {
        let all = try query { database -> [PublishedIntensity] in
            guard try database.tableExists("published_intensity") else { return [] }
            return try String.fetchAll(
                database,
                sql: """
                    SELECT record FROM published_intensity
                    WHERE service = ? AND region = ? AND to_s * 1000000 > ? AND from_s * 1000000 <= ?
                    ORDER BY from_s, fetched_at_us
                    """,
                arguments: [source.service.rawValue, source.region ?? "", run.lowerBound, run.upperBound]
            ).map { try decoded($0, PublishedIntensity.self) }
        }
        let newest = Dictionary(all.map { ($0.interval.from, $0) }) { _, later in later }
        return newest.values.filter { !$0.isProvisional || $0.fetchedAt > now - patience }
            .sorted { $0.interval.from < $1.interval.from }
    }
}
