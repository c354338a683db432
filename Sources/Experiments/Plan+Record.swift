import Ledger
import Metering

extension Plan {
    /// The experiment of this plan in the ledger, else a new one.
    ///
    /// - Parameter anew: Makes a new one in any case.
    func experiment(in ledger: LedgerFile, anew: Bool) throws -> ExperimentRecord {
        if !anew, let known = try newestExperiment(in: ledger) { return known }
        let now = wallNow()
        let record = ExperimentRecord(
            id: newID(at: now),
            name: name,
            createdAt: now,
            plan: text,
            factors: factors,
            listedArms: listedArms,
            baseline: baseline,
            repeats: repeats,
            until: until,
            warmup: warmup,
            order: order.rawValue,
            // 53 bits, so that every reader of JSON keeps it whole.
            seed: seed ?? UInt64.random(in: 0..<(1 << 53)),
            quality: quality,
            target: target,
            smallestRelevantSaving: smallestRelevantSaving,
            published: published,
            scaling: scaling?.record,
            warnings: warnings
        )
        try ledger.add(record)
        return record
    }
}
