internal import Analysis
internal import Ledger
internal import Metering
internal import Quantities
internal import Reporting
internal import Sites

extension Application {
    /// The JSON document, `wattbook.allocation/1`.
    public func json(template: Template.Name) -> String {
        JSON.object([
            ("schema", .string("wattbook.allocation/1")), ("title", .string(request.title)),
            ("template", .string(template.rawValue)), ("site", .string(orNull: site?.name)),
            ("node_type", .string(factors.node.name)), ("unit", .string(unit)),
            ("currency", .string(orNull: factors.price?.currency)), ("lines", .array(lines.map(document))),
            ("campaign", resources(campaign)),
            (
                "failed",
                .object([
                    ("share", .number(failedShare.share)), ("evidence", .string(orNull: failedShare.evidence?.mark)),
                    ("resources", resources(failed)),
                ])
            ),
            (
                "contingency",
                .object([("share", .number(request.contingency)), ("resources", resources(contingency))])
            ),
            ("total", resources(total)), ("counterfactual", counterfactual.map(resources) ?? .null),
            ("savings", .array(savings.map(document))), ("scaling", .array(scaling.map(document))),
            (
                "factors",
                .array(
                    factors.sources.map {
                        .object([
                            ("name", .string($0.name)), ("value", .string($0.value)), ("source", .string($0.source)),
                        ])
                    }
                )
            ),
            ("evidence", .array(evidence.map(document))), ("limits", .strings(limits)),
            ("sustainability", .string(sustainability)),
        ]).text
    }

    private func amount(_ amount: Amount?) -> JSON {
        guard let amount else { return .null }
        return .object([
            ("value", .number(amount.value)), ("low", .number(orNull: amount.low)),
            ("high", .number(orNull: amount.high)),
        ])
    }

    private func resources(_ part: Resources) -> JSON {
        .object([
            ("jobs", .integer(Int64(part.jobs))), ("node_h", amount(part.nodeHours)),
            ("core_h", amount(part.coreHours)),
            ("gpu_h", amount(part.gpuHours)), ("units", amount(part.units)), ("node_kwh", amount(part.nodeEnergy)),
            ("kwh", amount(part.energy)), ("location_kg", amount(part.location)), ("market_kg", amount(part.market)),
            ("embodied_kg", amount(part.embodied)), ("price", amount(part.price)),
        ])
    }

    private func document(_ line: CostedLine) -> JSON {
        .object([
            ("name", .string(line.line.name)), ("evidence", .string(line.evidence.mark)),
            ("configurations", .integer(Int64(line.line.configurations))),
            ("experiments", .integer(Int64(line.line.experiments))), ("repeats", .integer(Int64(line.line.repeats))),
            ("nodes", .integer(Int64(line.nodes))), ("time_s", amount(line.time)),
            ("time_spread_s", .number(orNull: line.timeSpread)), ("models", .strings(line.models)),
            ("job", resources(line.job)), ("total", resources(line.total)),
        ])
    }

    private func document(_ saving: Saving) -> JSON {
        let quality = saving.comparison?.quality
        return .object([
            ("line", .string(saving.line.line.name)), ("evidence", .string(saving.line.evidence.mark)),
            ("instead_of", .string(saving.baseline.mark)), ("saved", resources(saving.saved)),
            ("verdict", .string(orNull: saving.comparison?.verdict.rawValue)),
            ("quality_metric", .string(orNull: quality?.metric)),
            ("quality_verdict", .string(orNull: quality?.verdict.rawValue)), ("proof", .string(saving.proof)),
        ])
    }

    private func document(_ table: ScalingTable) -> JSON {
        let rows = table.rows.map { row in
            JSON.object([
                ("size", .integer(Int64(row.size))), ("evidence", .string(row.evidence.mark)),
                ("time_s", amount(row.time)), ("speedup", amount(row.speedup)), ("efficiency", amount(row.efficiency)),
                ("energy_j", amount(row.energy)), ("energy_per_unit_j", amount(row.energyPerUnit)),
            ])
        }
        return .object([
            ("name", .string(table.scaling.name)), ("kind", .string(table.scaling.kind.rawValue)),
            ("over", .string(table.scaling.over)), ("unit", .string(orNull: table.scaling.unit)),
            ("rows", .array(rows)), ("law", table.law.map(document) ?? .null),
        ])
    }

    private func document(_ law: ParallelScaling.Fit) -> JSON {
        .object([
            ("name", .string(law.law.words)), ("serial_fraction", .number(law.serialFraction.value)),
            ("low", .number(orNull: law.serialFraction.low)), ("high", .number(orNull: law.serialFraction.high)),
        ])
    }

    private func document(_ evidence: Evidence) -> JSON {
        .object([
            ("mark", .string(evidence.mark)), ("reference", .string(evidence.reference)),
            ("runs", .strings(evidence.runs.map(\.start.id))), ("failed", .strings(evidence.failed.map(\.start.id))),
        ])
    }
}
