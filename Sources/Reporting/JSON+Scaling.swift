public import Analysis
public import Ledger
import Metering
import Statistics

/// The JSON document of a plan of scaling, `wattbook.scaling/1`; without a study, as before its first run has ended,
/// its tables are empty.
public func scalingDocument(_ experiment: ExperimentRecord, study: Study?) -> String {
    JSON.object([
        ("schema", .string("wattbook.scaling/1")),
        (
            "experiment",
            .object([("id", .string(experiment.id)), ("name", .string(experiment.name))] + JSON.plan(experiment))
        ),
        ("launch", .string(orNull: experiment.scaling?.launch.rawValue)),
        ("verdict", .string(orNull: study.map(Document.verdict))),
        ("findings", .strings(study?.findings ?? [])),
        ("warnings", .strings(study?.warnings ?? experiment.warnings)),
        ("tables", .array(study?.parallelScaling.map(JSON.scaling) ?? [])),
    ]).text
}

extension JSON {
    /// One table of scaling.
    static func scaling(_ table: ParallelScaling) -> JSON {
        .object([
            ("mode", .string(table.mode.rawValue)),
            ("over", .string(table.over.rawValue)),
            ("setting", .dictionary(table.setting) { .string($0) }),
            ("reference_units", table.points.first.map { .integer(Int64($0.units)) } ?? .null),
            ("basis", .string(orNull: table.basis?.rawValue)),
            ("points", .array(table.points.map(point))),
            (
                "missing",
                .array(
                    table.missing.map {
                        .object([("units", .integer(Int64($0.units))), ("reason", .string($0.reason))])
                    }
                )
            ),
            ("fits", .array(table.fits.map(fit))),
            ("least_energy", table.leastEnergy.map { least($0, table.costShare) } ?? .null),
            ("findings", .strings(table.findings)),
            ("warnings", .strings(table.warnings)),
        ])
    }

    private static func point(_ point: ParallelScaling.Point) -> JSON {
        .object([
            ("units", .integer(Int64(point.units))),
            ("run_ids", .strings(point.runIDs)),
            ("duration_s", estimate(point.duration)),
            ("speedup", estimate(point.speedup)),
            ("efficiency", estimate(point.efficiency)),
            ("energy_j", estimate(point.energy)),
            ("energy_per_image_j", estimate(point.joulesPerImage)),
            ("mean_power_w", estimate(point.meanPower)),
        ])
    }

    private static func fit(_ fit: ParallelScaling.Fit) -> JSON {
        .object([
            ("law", .string(fit.law.rawValue)),
            ("serial_fraction", estimate(fit.serialFraction)),
            ("coherency", estimate(fit.coherency)),
            ("peak_units", estimate(fit.peakUnits)),
            ("lack_of_fit_p", .number(orNull: fit.lackOfFitP)),
            ("aicc", .number(orNull: fit.criterion)),
            ("carried", .bool(fit.isCarried)),
        ])
    }

    private static func least(_ least: ParallelScaling.LeastEnergy, _ share: ParallelScaling.Share) -> JSON {
        .object([
            ("units", .integer(Int64(least.units))),
            ("energy_of", .string(share.rawValue)),
            ("energy_j", estimate(least.cost)),
            ("shown", .bool(least.isShown)),
            ("at_edge", .bool(least.isAtEdge)),
            ("candidates", .array(least.candidates.map { .integer(Int64($0)) })),
            (
                "others",
                .array(
                    least.others.map {
                        .object([("units", .integer(Int64($0.units))), ("energy_ratio", estimate($0.ratio))])
                    }
                )
            ),
        ])
    }
}
