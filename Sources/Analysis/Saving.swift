internal import Carbon
internal import Ledger
internal import Metering
internal import Quantities
internal import Statistics

extension Contrast {
    /// The fraction saved and the joules of a run: the difference of the sides' means.
    func saving(ratio: Estimate) -> Comparison.Saving? {
        difference(\.joules).map {
            Comparison.Saving(
                fraction: 1 - ratio.value,
                low: ratio.high.map { 1 - $0 },
                high: ratio.low.map { 1 - $0 },
                joulesPerRun: -$0.value
            )
        }
    }

    /// The factors behind the grams, of one joule; `nil` where none are known or the runs disagree about them.
    var carbon: CarbonAccount? {
        guard let shared = SharedCarbon(runs) else { return nil }
        return (try? carbonAccount(joules: Joules(1), uncertainty: nil, settings: shared.settings)) ?? nil
    }

    /// Grams saved a run, account by account: operational ones follow the joules, embodied ones the time of the node.
    ///
    /// Each interval joins that of the difference with the expanded uncertainty of the factors and of the calibration,
    /// in quadrature: those move both sides together. A total's are those of its parts, which are independent.
    func carbonSaved(alpha: Double) -> Comparison.CarbonSaving? {
        guard let shared = SharedCarbon(runs) else { return nil }
        let settings = shared.settings
        let overhead = settings.pue == nil ? 0 : pueUncertainty
        let calibration = baseline.first?.calibrationUncertainty ?? 0
        let grid = { (intensity: Intensity?) in
            let relative = intensity?.uncertainty ?? intensityUncertainty
            return 2 * (relative * relative + overhead * overhead + calibration * calibration).squareRoot()
        }
        let location = grid((try? settings.pinned())?.intensity)
        let market = grid(settings.marketIntensity)
        let making = 2 * (settings.embodied?.uncertainty ?? embodiedUncertainty)
        let embodied = saved(shared.embodied, [(shared.embodied, making)], alpha)
        guard let operational = saved(shared.operational, [(shared.operational, location)], alpha) else { return nil }
        return Comparison.CarbonSaving(
            operational: operational,
            market: saved(shared.market, [(shared.market, market)], alpha),
            embodied: embodied,
            total: embodied == nil
                ? operational
                : saved(shared.total, [(shared.operational, location), (shared.embodied, making)], alpha)
                    ?? operational,
            marketTotal: saved(shared.marketTotal, [(shared.market, market), (shared.embodied, making)], alpha)
        )
    }

    /// A figure of the baseline less the candidate's; `parts` with the relative expanded uncertainty that both sides share.
    func saved(
        _ figure: (RunRecord) -> Double?,
        _ parts: [((RunRecord) -> Double?, Double)],
        _ alpha: Double
    ) -> Estimate? {
        guard let difference = difference(figure) else { return nil }
        let value = -difference.value
        guard let interval = difference.interval(alpha: alpha) else { return Estimate(value: value) }
        let random = (interval.upperBound - interval.lowerBound) / 2
        let squares = parts.map { part, relative in
            let shared = (self.difference(part)?.value ?? 0) * relative
            return shared * shared
        }
        let half = squares.reduce(random * random, +).squareRoot()
        return Estimate(value: value, low: value - half, high: value + half)
    }
}
