internal import Carbon
internal import Ledger
internal import Metering
internal import Quantities
internal import Statistics

/// A comparison with its sentences sorted: what it found, and what weakens it.
struct Judgement {
    var contrast: Contrast
    var comparison: Comparison
    var statements: [String]
    var weaknesses: [String]
}

/// Judges comparisons that stand in one document: each figure is one family, adjusted by Holm's procedure.
///
/// Estimates carry adjusted p-values and intervals at the level at which Holm judged them; see `holm(_:alpha:)`.
func judge(_ contrasts: [Contrast]) -> [Judgement] {
    let times = family(contrasts.map { $0.ratio(\.duration).map(inverse) })
    let energies = family(contrasts.map { $0.ratio(\.joules) })
    let powers = family(contrasts.map { $0.ratio(\.meanPower) })
    let products = family(contrasts.map { $0.ratio { run in run.joules.flatMap { j in run.duration.map { j * $0 } } } })
    let nets = family(contrasts.map(\.netEnergy))
    let qualities = qualities(of: contrasts)
    return contrasts.indices.map { index in
        let contrast = contrasts[index]
        let obstacles = contrast.obstacles
        // Runs that count took time, so that their ratio always exists.
        let speedup = times[index]?.estimate ?? Estimate(value: 1)
        let energy = obstacles.isEmpty ? energies[index] : nil
        let net = obstacles.isEmpty ? nets[index]?.estimate : nil
        var comparison = Comparison(
            baseline: .init(label: contrast.labels.baseline, runIDs: contrast.baseline.map(\.id)),
            candidate: .init(label: contrast.labels.candidate, runIDs: contrast.candidate.map(\.id)),
            speedup: speedup,
            energyRatio: energy?.estimate,
            energySaved: energy.flatMap { contrast.saving(ratio: $0.estimate) },
            powerRatio: nil,
            edpRatio: nil,
            co2eSavedGramsPerRun: energy.flatMap { contrast.gramsSaved(alpha: $0.alpha) },
            netEnergyRatio: net,
            quality: qualities[index],
            algorithmDiffers: contrast.algorithmDiffers,
            verdict: verdict(energy: energy?.estimate, net: net, comparable: obstacles.isEmpty),
            findings: []
        )
        if let energy = energy?.estimate {
            // From the two ratios, so that power-up is speed-up over green-up to the last digit.
            comparison.powerRatio = powers[index]?.estimate.moved(to: speedup.value * energy.value)
            comparison.edpRatio = products[index]?.estimate.moved(to: energy.value / speedup.value)
        }
        let statements = contrast.statements(of: comparison, obstacles: obstacles)
        let weaknesses = contrast.weaknesses(of: comparison)
        comparison.findings = statements + weaknesses + Analysis.weaknesses(of: contrast.runs)
        return Judgement(
            contrast: contrast,
            comparison: comparison,
            statements: statements,
            weaknesses: weaknesses
        )
    }
}

/// The verdict on energy from the adjusted intervals alone.
///
/// It depends on idle power where the whole energy decides one way and the energy above idle lies on the other side.
func verdict(energy: Estimate?, net: Estimate?, comparable: Bool) -> EnergyVerdict {
    guard comparable, let energy else { return .notComparable }
    guard let low = energy.low, let high = energy.high else { return .noDifferenceShown }
    let saves = high < 1
    guard saves || low > 1 else { return .noDifferenceShown }
    if let net, saves ? net.value > 1 : net.value < 1 { return .dependsOnIdle }
    return saves ? .savesEnergy : .costsEnergy
}

/// A figure of one comparison after the adjustment of its family.
struct Judged {
    var estimate: Estimate
    /// The level of its interval.
    var alpha: Double
}

/// Adjusts the ratios of one figure over all comparisons of a document.
func family(_ ratios: [RatioInference?]) -> [Judged?] {
    let decisions = holm(ratios.map { $0?.pValue })
    return zip(ratios, decisions).map { ratio, decision in
        ratio.map { ratio in
            let alpha = decision?.alpha ?? 0.05
            let interval = ratio.interval(alpha: alpha)
            let estimate = Estimate(
                value: ratio.value,
                low: interval?.lowerBound,
                high: interval?.upperBound,
                p: decision?.adjustedP
            )
            return Judged(estimate: estimate, alpha: alpha)
        }
    }
}

private func inverse(_ ratio: RatioInference) -> RatioInference {
    let logarithm = ratio.logarithm
    return RatioInference(
        logarithm: Inference(
            value: -logarithm.value,
            standardError: logarithm.standardError,
            degreesOfFreedom: logarithm.degreesOfFreedom
        )
    )
}

extension Estimate {
    /// The same figure with its last digits from an identity, the bounds moved along.
    func moved(to value: Double) -> Estimate {
        guard self.value > 0 else { return self }
        let factor = value / self.value
        return Estimate(value: value, low: low.map { $0 * factor }, high: high.map { $0 * factor }, p: p)
    }
}

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
