public import Analysis
import Ledger

/// The JSON document of a comparison, `wattbook.comparison/1`.
public func comparisonDocument(_ comparison: Comparison) -> String { JSON.comparison(comparison).text }

/// The JSON document of comparisons with one baseline: the comparison itself where there is one, else
/// `wattbook.comparisons/1` with all of them.
public func comparisonsDocument(_ comparisons: [Comparison]) -> String {
    guard comparisons.count != 1 else { return comparisonDocument(comparisons[0]) }
    return JSON.object([
        ("schema", .string("wattbook.comparisons/1")),
        ("comparisons", .array(comparisons.map(JSON.comparison))),
    ]).text
}

extension JSON {
    static func comparison(_ comparison: Comparison) -> JSON {
        .object([
            ("schema", .string("wattbook.comparison/1")),
            ("baseline", side(comparison.baseline)),
            ("candidate", side(comparison.candidate)),
            ("speedup", estimate(comparison.speedup, withP: true)),
            ("energy_ratio", estimate(comparison.energyRatio, withP: true)),
            ("energy_saved", comparison.energySaved.map(saving) ?? .null),
            ("power_ratio", estimate(comparison.powerRatio, withP: true)),
            ("edp_ratio", estimate(comparison.edpRatio, withP: true)),
            ("co2e_saved_g_per_run", estimate(comparison.co2eSavedGramsPerRun)),
            ("co2e_saved", comparison.carbonSaved.map(carbonSaved) ?? .null),
            ("net_energy_ratio", estimate(comparison.netEnergyRatio, withP: true)),
            ("quality", comparison.quality.map(quality) ?? .null),
            ("target", comparison.target.map(target) ?? .null),
            ("relevance", .string(orNull: comparison.relevance?.rawValue)),
            ("effect_size", comparison.effectSize.map(effect) ?? .null),
            ("interval_method", .string(comparison.intervalMethod.rawValue)),
            ("algorithm_differs", .bool(comparison.algorithmDiffers)),
            ("verdict", .string(comparison.verdict.rawValue)),
            ("findings", .strings(comparison.findings)),
        ])
    }

    /// A figure with its interval; `null` where it is unknown.
    static func estimate(_ estimate: Estimate?, withP: Bool = false) -> JSON {
        guard let estimate else { return .null }
        var members: [(String, JSON)] = [
            ("value", .number(orNull: estimate.value)),
            ("low", .number(orNull: estimate.low)),
            ("high", .number(orNull: estimate.high)),
        ]
        if withP || estimate.p != nil { members.append(("p", .number(orNull: estimate.p))) }
        return .object(members)
    }

    /// Grams a run; each account by itself.
    private static func carbonSaved(_ saved: Comparison.CarbonSaving) -> JSON {
        .object([
            ("operational_g", estimate(saved.operational)),
            ("embodied_g", estimate(saved.embodied)),
            ("total_g", estimate(saved.total)),
            ("market_operational_g", estimate(saved.market)),
            ("market_total_g", estimate(saved.marketTotal)),
            ("embodied_leads", .bool(saved.embodiedLeads)),
        ])
    }

    private static func target(_ target: Comparison.Target) -> JSON {
        .object([
            ("metric", .string(target.target.metric)),
            ("value", .number(orNull: target.target.value)),
            ("higher_is_better", .bool(target.target.higherIsBetter)),
            ("baseline", reach(target.baseline)),
            ("candidate", reach(target.candidate)),
            ("time_ratio", estimate(target.timeRatio, withP: true)),
            ("energy_ratio", estimate(target.energyRatio, withP: true)),
        ])
    }

    /// What an arm took until a target.
    static func reach(_ reach: TargetReach) -> JSON {
        .object([
            ("runs", .integer(Int64(reach.runs))),
            ("reached", .integer(Int64(reach.reached))),
            ("duration_s", estimate(reach.duration)),
            ("energy_j", estimate(reach.energy)),
        ])
    }

    private static func side(_ side: Comparison.Side) -> JSON {
        .object([
            ("label", .string(side.label)),
            ("runs", .integer(Int64(side.runs))),
            ("run_ids", .strings(side.runIDs)),
        ])
    }

    private static func saving(_ saving: Comparison.Saving) -> JSON {
        .object([
            ("fraction", .number(orNull: saving.fraction)),
            ("low", .number(orNull: saving.low)),
            ("high", .number(orNull: saving.high)),
            ("joules_per_run", .number(orNull: saving.joulesPerRun)),
        ])
    }

    private static func effect(_ effect: Comparison.Effect) -> JSON {
        .object([
            ("value", .number(orNull: effect.value)),
            ("low", .number(orNull: effect.low)),
            ("high", .number(orNull: effect.high)),
            ("kind", .string(effect.kind.rawValue)),
        ])
    }

    private static func quality(_ quality: Comparison.Quality) -> JSON {
        .object([
            ("metric", .string(quality.metric)),
            ("baseline", .number(orNull: quality.baseline)),
            ("candidate", .number(orNull: quality.candidate)),
            ("margin", .number(orNull: quality.margin)),
            ("difference", estimate(quality.difference)),
            ("verdict", .string(quality.verdict.rawValue)),
            ("power", .number(orNull: quality.power)),
            ("repeats_for_power_80", quality.repeatsForPower.map { .integer(Int64($0)) } ?? .null),
            ("deterministic", .bool(quality.isDeterministic)),
        ])
    }
}
