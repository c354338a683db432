public import Analysis
import Ledger
import Metering
import Quantities

/// The JSON document of a job beside Slurm's accounting, `wattbook.slurm/1`.
public func slurmDocument(job: String, setup: SlurmEnergySetup, _ attempts: [SlurmComparison]) -> String {
    JSON.object([
        ("schema", .string("wattbook.slurm/1")),
        ("job", .string(job)),
        ("plugin", .string(orNull: setup.plugin)),
        ("period_s", .number(orNull: setup.period)),
        ("attempts", .array(attempts.map(JSON.attempt))),
    ]).text
}

extension JSON {
    fileprivate static func attempt(_ one: SlurmComparison) -> JSON {
        .object([
            ("restarts", .integer(Int64(one.restarts))),
            ("state", .string(orNull: one.record?.state)),
            ("elapsed_s", .number(orNull: one.record?.elapsedSeconds)),
            ("slurm_j", .number(orNull: one.slurmJoules)),
            ("run", .string(orNull: one.run?.start.id)),
            ("measured_s", .number(orNull: one.run?.duration)),
            ("total_j", .number(orNull: one.joules)),
            ("uncertainty_j", .number(orNull: one.run?.end?.account.total.uncertainty?.value)),
            ("part_j", .number(orNull: one.partJoules)),
            ("difference_j", .number(orNull: one.difference)),
            ("neighbours", .array(one.neighbours.map(neighbour))),
            ("reasons", .strings(one.reasons)),
            ("believe", .string(one.belief.rawValue)),
            ("advice", .string(one.advice)),
            ("parts", jobParts(one.run?.end?.job)),
        ])
    }

    private static func neighbour(_ other: SlurmComparison.Neighbour) -> JSON {
        .object([
            ("job", .string(other.job)),
            ("slurm_j", .number(orNull: other.joules)),
            ("nodes", .strings(other.nodes)),
            ("seconds", .number(orNull: other.seconds)),
        ])
    }
}
