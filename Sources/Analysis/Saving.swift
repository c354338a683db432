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

    /// The factors behind the grams; `nil` where no zone is known or the runs disagree about them.
    var carbon: CarbonAccount? {
        let settings = Set(runs.map(\.start.carbon))
        guard settings.count == 1, let one = settings.first else { return nil }
        return (try? carbonAccount(joules: Joules(1), uncertainty: nil, settings: one)) ?? nil
    }

    /// Grams saved a run.
    ///
    /// The interval joins that of the joules with the expanded uncertainty of intensity, PUE
    /// and calibration, in quadrature: those move both sides together.
    func gramsSaved(alpha: Double) -> Estimate? {
        guard let account = carbon, let difference = difference(\.joules) else { return nil }
        let perJoule = account.total.value
        let joules = -difference.value
        guard let interval = difference.interval(alpha: alpha) else { return Estimate(value: joules * perJoule) }
        let random = (interval.upperBound - interval.lowerBound) / 2
        let calibration = baseline.first?.calibrationUncertainty ?? 0
        let factors = account.uncertainty.value / perJoule
        let shared = joules.magnitude * (factors * factors + 4 * calibration * calibration).squareRoot()
        let half = (random * random + shared * shared).squareRoot()
        return Estimate(value: joules * perJoule, low: (joules - half) * perJoule, high: (joules + half) * perJoule)
    }
}
