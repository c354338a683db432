public import Ledger
import Metering
import Quantities

/// The JSON document of a ledger's contents: runs and experiments, in the order given.
public func listDocument(runs: [RunRecord], experiments: [ExperimentRecord]) -> String {
    JSON.object([
        ("schema", .string("wattbook.list/1")),
        ("runs", .array(runs.map(JSON.entry))),
        ("experiments", .array(experiments.map(JSON.entry))),
    ]).text
}

extension JSON {
    fileprivate static func entry(_ run: RunRecord) -> JSON {
        let total = run.end?.account.total
        return .object([
            ("id", .string(run.start.id)),
            ("name", .string(run.start.name)),
            ("command", .strings(run.start.command)),
            ("role", .string(run.start.role.rawValue)),
            ("state", .string(run.state.rawValue)),
            ("exit_status", run.end?.exitStatus.map { .integer(Int64($0)) } ?? .null),
            ("started_at", .string(timestamp(microseconds: run.start.startedAt))),
            ("duration_s", .number(orNull: run.duration)),
            ("total_j", .number(orNull: total?.joules?.value)),
            ("basis", total?.joules == nil ? .null : .string(orNull: total?.basis.rawValue)),
            ("host", .string(run.start.host.name)),
            ("tags", .dictionary(run.start.tags) { .string($0) }),
            ("experiment", .string(orNull: run.start.place?.experimentID)),
        ])
    }

    fileprivate static func entry(_ experiment: ExperimentRecord) -> JSON {
        .object([("id", .string(experiment.id)), ("name", .string(experiment.name))] + plan(experiment))
    }

    /// What was planned, without the plan's text.
    static func plan(_ experiment: ExperimentRecord) -> [(String, JSON)] {
        [
            ("created_at", .string(timestamp(microseconds: experiment.createdAt))),
            (
                "factors",
                .array(
                    experiment.factors.map { factor in
                        .object([("name", .string(factor.name)), ("levels", .strings(factor.levels))])
                    }
                )
            ),
            ("baseline", .dictionary(experiment.baseline) { .string($0) }),
            ("repeats", .integer(Int64(experiment.repeats))),
            ("warmup", .integer(Int64(experiment.warmup))),
            ("order", .string(experiment.order)),
            // A seed has 64 bits; as a number it would lose digits in readers that know only doubles.
            ("seed", .string("\(experiment.seed)")),
            ("smallest_relevant_saving", .number(orNull: experiment.smallestRelevantSaving)),
            (
                "published",
                .array(
                    (experiment.published ?? []).map { figure in
                        .object([("speedup", .number(orNull: figure.speedup)), ("label", .string(figure.label))])
                    }
                )
            ),
            ("warnings", .strings(experiment.warnings)),
        ]
    }
}
