import Analysis
import Ledger
import Metering
import Quantities

extension AccountReport {
    /// The sums and every run.
    package var json: JSON {
        .object([
            ("schema", .string("wattbook.account/1")),
            ("version", .string(version)),
            ("title", .string(account.title)),
            ("verdict", .string(document.verdict)),
            ("grouping", .string(account.grouping)),
            ("total", line(account.total)),
            ("kinds", .array(account.kinds.map(line))),
            ("groups", .array(account.lines.map(line))),
            ("months", .array(account.months.map(line))),
            ("equivalents", equivalents),
            ("warnings", .strings(account.warnings)),
            ("hosts", .array(account.hosts.map(JSON.host))),
            ("runs", .array(runs.map(entry))),
        ])
    }

    private var equivalents: JSON {
        let sum = account.total.grams.first
        return JSON.equivalents(
            sum.map { GramsCO2e($0.grams) },
            uncertainty: sum.map { GramsCO2e($0.uncertainty) },
            asked: withEquivalents
        )
    }

    private func line(_ line: PeriodAccount.Line) -> JSON {
        .object([
            ("group", .string(orNull: line.group.isEmpty ? nil : line.group)),
            ("kind", .string(orNull: line.kind?.rawValue)),
            ("runs", .integer(Int64(line.runs))),
            ("node_s", .number(orNull: line.nodeSeconds)),
            (
                "energy",
                .array(
                    line.energy.map { sum in
                        .object([
                            ("basis", .string(sum.basis.rawValue)), ("runs", .integer(Int64(sum.runs))),
                            ("joules", .number(orNull: sum.joules)),
                            ("uncertainty_j", .number(orNull: sum.uncertainty)),
                        ])
                    }
                )
            ),
            ("runs_without_energy", .integer(Int64(line.withoutEnergy))),
            (
                "carbon",
                .array(
                    line.grams.map { sum in
                        .object([
                            ("account", .string(sum.account)), ("basis", .string(sum.basis)),
                            ("runs", .integer(Int64(sum.runs))), ("total_g", .number(orNull: sum.grams)),
                            ("uncertainty_g", .number(orNull: sum.uncertainty)),
                        ])
                    }
                )
            ),
        ])
    }

    /// A run in short; `wattbook show` tells the rest.
    private func entry(_ run: RunRecord) -> JSON {
        let total = run.end?.account.total
        return .object([
            ("id", .string(run.start.id)),
            ("name", .string(run.start.name)),
            ("kind", .string(RunKind(run).rawValue)),
            ("experiment", .string(orNull: run.start.place?.experimentID)),
            ("tags", .dictionary(run.start.tags) { .string($0) }),
            ("host", .string(run.start.host.name)),
            ("started_at", .string(timestamp(microseconds: run.start.startedAt))),
            ("duration_s", .number(orNull: run.duration)),
            ("exit_status", run.end?.exitStatus.map { .integer(Int64($0)) } ?? .null),
            ("basis", total?.joules == nil ? .null : .string(orNull: total?.basis.rawValue)),
            ("total_j", .number(orNull: total?.joules?.value)),
            ("uncertainty_j", .number(orNull: total?.uncertainty?.value)),
            ("carbon", .array((carbon[run.start.id] ?? []).map(JSON.account))),
        ])
    }
}
