import Analysis
import Ledger
import Metering
import Quantities

extension JSON {
    /// The batch job of a run; `null` outside of one.
    static func job(_ job: Job?) -> JSON {
        guard let job else { return .null }
        let (rank, localRank) = (job.rank.map(Int64.init), job.localRank.map(Int64.init))
        return .object([
            ("scheduler", .string(job.scheduler)),
            ("id", .string(orNull: job.id)),
            ("step", .string(orNull: job.step)),
            ("node", .string(orNull: job.node)),
            ("rank", rank.map(JSON.integer) ?? .null),
            ("local_rank", localRank.map(JSON.integer) ?? .null),
            ("processors", .integer(Int64(job.processors))),
            ("online_processors", .integer(Int64(job.onlineProcessors))),
            ("exclusive", .bool(job.isExclusive)),
            ("samples", .bool(job.samples)),
            ("variables", .dictionary(job.variables) { .string($0) }),
        ])
    }

    /// The job's part of a shared node; `null` where the node is its own.
    static func attribution(_ record: RunRecord, idle: IdlePower?) -> JSON {
        guard let part = Analysis.attribution(of: record, idle: idle) else { return .null }
        return .object([
            ("allocated_share", .number(orNull: part.allocatedShare)),
            ("cpu_time_share", .number(orNull: part.processorTimeShare)),
            ("cpu_time_source", .string(part.timeSource)),
            ("by_allocated_share_j", .number(orNull: part.byAllocation.value)),
            ("by_cpu_time_j", .number(orNull: part.byProcessorTime?.value)),
            ("uses_idle", .bool(part.usesIdle)),
        ])
    }
}
