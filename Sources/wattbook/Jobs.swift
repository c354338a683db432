import Analysis
import Ledger
import Metering

extension LedgerFile {
    /// Makes one run of the parts of each job's attempt, where there is none of these parts yet.
    ///
    /// - Returns: The runs of all attempts that have parts here, oldest first.
    func joinJobs() throws -> [RunRecord] {
        var order: [String] = []
        var attempts: [String: [RunStart]] = [:]
        for start in try partStarts() {
            guard let key = start.attemptKey else { continue }
            if attempts[key] == nil { order.append(key) }
            attempts[key, default: []].append(start)
        }
        return try order.compactMap { key in
            let starts = attempts[key] ?? []
            if let known = try jobRun(of: key), known.parts == starts.count { return try record(known.id) }
            let parts = try starts.map { try record($0.id) }
            let joined = try joinJob(
                parts,
                traces: { try readableTraces($0).traces },
                idle: { try idlePower(for: $0)?.watts }
            )
            guard let joined else { return nil }
            try add(job: key, joined, parts: starts.count)
            return joined
        }
    }
}

extension RunStart {
    /// One word for the attempt of the job that a part belongs to; `nil` outside of a job.
    fileprivate var attemptKey: String? {
        job.map { "\($0.scheduler)/\($0.variables["SLURM_CLUSTER_NAME"] ?? "")/\($0.attempt)" }
    }
}
