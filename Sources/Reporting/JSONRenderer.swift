import Analysis
import Carbon
import Ledger
import Metering

/// The JSON document of a report, `wattbook.report/1` or `wattbook.account/1`: every figure with full precision, unknown
/// as `null`.
package struct JSONRenderer: Renderer {
    /// A renderer.
    package init() {}

    /// Renders arms, comparisons, factors and all runs; of an account its sums.
    package func render(_ report: any Reportable) throws -> String { report.json.text }
}

extension Report {
    /// Arms, comparisons, factors and all runs.
    package var json: JSON {
        .object([
            ("schema", .string("wattbook.report/1")),
            ("version", .string(version)),
            ("title", .string(study.title)),
            ("verdict", .string(Document.verdict(study))),
            ("basis", .string(orNull: study.basis?.rawValue)),
            ("findings", .strings(study.findings)),
            ("answers", .array(study.answers.map(JSON.answer))),
            ("warnings", .strings(study.warnings)),
            ("idle_w", .number(orNull: idle?.watts)),
            ("idle_uncertainty_w", .number(orNull: idle?.uncertainty)),
            (
                "experiment",
                study.experiment.map { plan in
                    .object([("id", .string(plan.id)), ("name", .string(plan.name))] + JSON.plan(plan))
                } ?? .null
            ),
            ("hosts", .array(study.hosts.map(JSON.host))),
            ("arms", .array(study.arms.map(arm))),
            ("comparisons", .array(study.comparisons.map(JSON.comparison))),
            ("scaling", .array(study.parallelScaling.map(JSON.scaling))),
            ("carbon", .array(study.carbon.map(JSON.account))),
            (
                "equivalents",
                JSON.equivalents(
                    study.carbon.first?.total,
                    uncertainty: study.carbon.first?.uncertainty,
                    asked: withEquivalents
                )
            ),
            ("runs", .array(runs.map { JSON.run($0, carbon: carbon[$0.start.id] ?? [], idle: idle) })),
        ])
    }

    private func counted(_ summary: CountSummary) -> JSON {
        .object([
            ("count", JSON.estimate(summary.count)),
            ("unit", .string(summary.unit)),
            ("energy_per_count_j", JSON.estimate(summary.joulesPerCount)),
            ("gflop_per_j", JSON.estimate(summary.gflopPerJoule)),
        ])
    }

    private func arm(_ arm: ArmSummary) -> JSON {
        .object([
            ("label", .string(arm.label)),
            ("levels", .dictionary(arm.levels) { .string($0) }),
            ("is_baseline", .bool(arm.isBaseline)),
            ("run_ids", .strings(arm.runIDs)),
            ("duration_s", JSON.estimate(arm.duration)),
            ("energy_j", JSON.estimate(arm.energy)),
            ("net_energy_j", JSON.estimate(arm.netEnergy)),
            ("energy_uncertainty_j", .number(orNull: arm.energyUncertainty)),
            ("mean_power_w", JSON.estimate(arm.meanPower)),
            ("co2e_g", JSON.estimate(arm.co2e)),
            ("throughput_images_per_s", JSON.estimate(arm.throughput)),
            ("energy_per_image_j", JSON.estimate(arm.joulesPerImage)),
            ("images_per_j", JSON.estimate(arm.imagesPerJoule)),
            ("target", arm.target.map(JSON.reach) ?? .null),
            ("counts", .dictionary(arm.counts) { counted($0) }),
            (
                "device_j",
                .object(
                    Device.allCases.compactMap { device in
                        arm.deviceJoules[device].map { (device.rawValue, .number(orNull: $0)) }
                    }
                )
            ),
            ("metrics", .dictionary(arm.metrics) { JSON.estimate($0) }),
            ("info", .dictionary(arm.info) { .string($0) }),
        ])
    }
}
