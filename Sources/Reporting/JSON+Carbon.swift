import Analysis
public import Carbon
import Ledger
import Quantities

/// The accounts of runs, `wattbook.carbon/1`: each run with all accounts that it has, the newest first.
public func accountsDocument(_ runs: [(id: String, accounts: [CarbonAccount])]) -> String {
    JSON.object([
        ("schema", .string("wattbook.carbon/1")),
        (
            "runs",
            .array(
                runs.map { run in
                    .object([("id", .string(run.id)), ("carbon", .array(run.accounts.map(JSON.account)))])
                }
            )
        ),
    ]).text
}

extension JSON {
    static func account(_ account: CarbonAccount) -> JSON {
        .object([
            ("account", .string(account.account)),
            ("operational_g", .number(orNull: account.operational.value)),
            ("embodied_g", .number(orNull: account.embodied?.value)),
            ("total_g", .number(orNull: account.total.value)),
            ("uncertainty_g", .number(orNull: account.uncertainty.value)),
            ("intensity_g_per_kwh", .number(orNull: account.intensity.value)),
            ("intensity_relative_uncertainty", .number(orNull: account.intensityUncertainty)),
            ("intensity_source", .string(account.intensitySource)),
            ("intensity_kind", .string(account.kind)),
            ("intensity_note", .string(orNull: account.note)),
            ("intensity_url", .string(orNull: account.url)),
            ("intensity_fetched_at", .string(orNull: account.fetchedAt.map { timestamp(microseconds: $0) })),
            ("zone", .string(orNull: account.zone.isEmpty ? nil : account.zone)),
            ("zone_name", .string(orNull: account.zone.isEmpty ? nil : account.zoneName)),
            ("zone_assumed", .bool(account.zoneAssumed)),
            ("year", account.year.map { .integer(Int64($0)) } ?? .null),
            ("basis", .string(account.basis)),
            ("pue", .number(orNull: account.pue)),
            ("pue_given", .bool(account.pueGiven)),
            ("pue_year", account.pueYear.map { .integer(Int64($0)) } ?? .null),
            ("pue_source", .string(orNull: account.pueSource)),
            ("unmeasured_factor", .number(orNull: account.unmeasuredFactor)),
            ("unmeasured_source", .string(orNull: account.unmeasuredSource)),
            ("energy_j", .number(orNull: account.measured?.value)),
            ("unmeasured_j", .number(orNull: account.unmeasured?.value)),
            ("overhead_j", .number(orNull: account.overhead?.value)),
            ("embodied_source", .string(orNull: account.embodiedSource)),
            ("site", .string(orNull: account.site)),
            ("made_at", .string(orNull: account.madeAt.map { timestamp(microseconds: $0) })),
            ("intervals", account.parts.map { .array($0.map(interval)) } ?? .null),
        ])
    }

    private static func interval(_ part: Intensity.Part) -> JSON {
        .object([
            ("from", .string(rfc3339(part.from))),
            ("to", .string(rfc3339(part.to))),
            ("energy_share", .number(orNull: part.share)),
            ("intensity_g_per_kwh", .number(orNull: part.value.value)),
        ])
    }

    /// Grams as something that people know, where that was asked for.
    static func equivalents(_ grams: GramsCO2e?, uncertainty: GramsCO2e?, asked: Bool) -> JSON {
        guard asked, let grams, let list = try? Equivalent.list(grams, uncertainty: uncertainty ?? GramsCO2e(0)) else {
            return .null
        }
        return .array(
            list.map { one in
                .object([
                    ("name", .string(one.name)), ("unit", .string(one.unit)), ("low", .number(orNull: one.low)),
                    ("high", .number(orNull: one.high)), ("source", .string(one.source)),
                ])
            }
        )
    }

    /// The Software Carbon Intensity of each unit of work.
    static func sci(_ account: CarbonAccount, of record: RunRecord) -> [JSON] {
        record.softwareCarbonIntensity(account).map { rate in
            .object([
                ("unit", .string(rate.unit)),
                ("units", .integer(Int64(rate.count))),
                ("g_per_unit", .number(orNull: rate.grams.value)),
                ("uncertainty_g", .number(orNull: rate.uncertainty.value)),
            ])
        }
    }
}
