internal import Ledger
internal import Metering
internal import Quantities
private import RealModule
internal import Statistics

/// Repeats a side below which an interval rests on little.
private let fewestRepeats = 5
/// Repeats a side below which a bootstrap interval is too narrow.
private let fewestDrawn = 8
/// The half width of a ratio that is wanted where the plan names none.
private let usualHalfWidth = 0.02

extension Contrast {
    /// What the number of repeats leaves open.
    func repeatWeaknesses(of comparison: Comparison) -> [Weakness] {
        [fewRepeats, bootstrapNote, wantedRepeats(comparison)].compactMap(\.self)
    }

    private func range(_ share: ClosedRange<Double>) -> String {
        "\(decimal(share.lowerBound * 100, places: 0)) to \(percent(share.upperBound, places: 0))"
    }

    private var repeats: Int { min(baseline.count, candidate.count) }

    /// That fewer runs a side stand behind the intervals than these take.
    var fewRepeats: Weakness? {
        guard repeats < fewestRepeats else { return nil }
        let isEven = baseline.count == candidate.count
        guard repeats > 1 else {
            return Weakness(
                "\(isEven ? "There is 1 run a side" : "A side has 1 run"), so no interval can be given; repeat."
            )
        }
        let start =
            "\(isEven ? "There are \(repeats) runs a side" : "A side has \(repeats) runs"); an interval from fewer than \(fewestRepeats) rests on little"
        // Pairs keep their level; Welch's interval and resampling do not.
        guard criteria.intervals == .t, !isPaired, let share = simulatedWelchCoverage(smallestCount: repeats) else {
            let value = -Double(repeats)
            return Weakness(
                start + ".",
                .init(kind: .few(limit: fewestRepeats), subject: subject, value: value, repeats: repeats)
            )
        }
        return Weakness(
            start
                + ": in simulations \(range(share)) of such 95 % intervals hold "
                + "the truth."
        )
    }

    private var bootstrapNote: Weakness? {
        guard criteria.intervals == .bootstrap, repeats > 1 else { return nil }
        let start =
            "The intervals of speed-up and energy ratio come from a bootstrap (BCa, 10,000 draws); the others rest on "
            + "Student's t" + (criteria.until == nil ? "" : ", and no account is taken of the plan's two stages")
        let (x, y) = values(\.duration)
        guard repeats < fewestDrawn,
            let draws = isPaired ? bootstrapPairedRatio(x, y, resamples: 5000) : bootstrapRatio(x, y, resamples: 5000)
        else { return Weakness(start + ".") }
        let unit = isPaired ? "pairs" : "runs a side"
        let share = draws.simulatedCoverage.map {
            "hold the truth in about \(percent($0, places: 0)) of cases, not 95 %"
        }
        return Weakness(
            start + ". With \(repeats) \(unit) bootstrap intervals "
                + (share ?? "say next to nothing") + "; below \(fewestDrawn) prefer the usual ones.",
            draws.simulatedCoverage.map { share in
                .init(
                    kind: .coverage(opening: start, unit: unit, limit: fewestDrawn),
                    subject: subject,
                    value: -share,
                    repeats: repeats
                )
            }
        )
    }

    /// How many repeats the wanted half width of the energy ratio takes, where the interval is wider than that.
    private func wantedRepeats(_ comparison: Comparison) -> Weakness? {
        guard let energy = comparison.energyRatio, let high = energy.high, energy.value > 0 else { return nil }
        let wanted = criteria.until?.relativeHalfWidth ?? usualHalfWidth
        guard high / energy.value - 1 > wanted else { return nil }
        let (x, y) = logJoules
        let halfWidth = Double.log(onePlus: wanted)
        let count: Int?
        if isPaired {
            count = spread(x, y).flatMap { requiredPairs(standardDeviation: $0, halfWidth: halfWidth) }
        } else {
            guard let a = standardDeviation(x), let b = standardDeviation(y) else { return nil }
            count = requiredRepeats(standardDeviations: (a, b), halfWidth: halfWidth)
        }
        guard let count, count > repeats else { return nil }
        let unit = isPaired ? "pairs" : "runs an arm"
        return Weakness(
            "To know the energy ratio of \(subject) to \(chosenPercent(wanted)) "
                + "takes about \(count) \(unit) of this spread; here are \(repeats).",
            .init(
                kind: .repeats(halfWidth: wanted, unit: unit),
                subject: subject,
                value: Double(count),
                repeats: repeats
            )
        )
    }
}
