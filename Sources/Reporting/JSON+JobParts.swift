import Analysis
package import Ledger
import Metering
import Quantities

extension JSON {
    /// The nodes, ranks and steps of a job's run; `null` of any other.
    package static func jobParts(_ job: JobAccount?) -> JSON {
        guard let job else { return .null }
        return .object([
            ("nodes", .array(job.nodes.map(node))),
            ("ranks", .array(job.ranks.map(rank))),
            (
                "steps",
                .array(
                    job.steps.map { step in
                        .object([
                            ("id", .string(orNull: step.id)), ("name", .string(step.name)),
                            ("duration_s", .number(orNull: step.seconds)),
                            ("joules", .number(orNull: step.joules?.value)),
                        ])
                    }
                )
            ),
            (
                "missing",
                .object([
                    ("nodes", .strings(job.missing.nodes)), ("ranks", .strings(job.missing.ranks)),
                    ("cut", .strings(job.missing.cut)),
                    ("node_seconds_share", .number(orNull: job.missing.share)),
                ])
            ),
            ("parts", .strings(job.parts)),
        ])
    }

    private static func node(_ node: JobAccount.Node) -> JSON {
        .object([
            ("name", .string(node.name)),
            ("duration_s", .number(orNull: node.seconds)),
            ("joules", .number(orNull: node.joules?.value)),
            ("uncertainty_j", .number(orNull: node.uncertainty?.value)),
            ("clock_offset_s", .number(orNull: node.clockOffset)),
            ("clock_spread_s", .number(orNull: node.clockSpread)),
            ("ranks", .array(node.ranks.map { .integer(Int64($0)) })),
            ("cut", .bool(node.isCut)),
            ("division", division(node)),
        ])
    }

    /// How the rules for shared nodes divide a node; `null` where it was the job's alone.
    private static func division(_ node: JobAccount.Node) -> JSON {
        guard let share = node.share, share.processors < share.onlineProcessors, let joules = node.joules else {
            return .null
        }
        let parts = NodeDivision(node, joules: joules.value)
        return .object([
            ("allocated_share", .number(orNull: share.allocated)),
            ("cpu_time_share", .number(orNull: share.ofProcessorTime)),
            ("job_j", .number(orNull: parts.job)),
            ("others_j", .number(orNull: parts.others)),
            ("idle_of_job_j", .number(orNull: parts.idleOfJob)),
            ("idle_of_rest_j", .number(orNull: parts.idleOfRest)),
            ("by_allocated_share_j", .number(orNull: parts.byAllocation)),
        ])
    }

    private static func rank(_ rank: JobAccount.Rank) -> JSON {
        .object([
            ("step", .string(orNull: rank.step)),
            ("rank", rank.rank.map { .integer(Int64($0)) } ?? .null),
            ("node", .string(rank.node)),
            ("host", .string(rank.host)),
            ("duration_s", .number(orNull: rank.seconds)),
            ("exit_status", rank.exitStatus.map { .integer(Int64($0)) } ?? .null),
            ("state", .string(rank.state.rawValue)),
            ("joules", .number(orNull: rank.joules?.value)),
            (
                "regions",
                .array(
                    rank.regions.map { region in
                        .object([
                            ("path", .string(region.path)), ("count", .integer(Int64(region.count))),
                            ("duration_s", .number(orNull: region.seconds)),
                            ("joules", .number(orNull: region.joules?.value)),
                            ("counts", .dictionary(region.counts) { .integer(Int64($0)) }),
                        ])
                    }
                )
            ),
        ])
    }
}
