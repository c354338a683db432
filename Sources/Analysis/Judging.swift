/// A comparison with its sentences sorted: what it found, and what weakens it.
struct Judgement {
    var contrast: Contrast
    var comparison: Comparison
    var statements: [String]
    var weaknesses: [Weakness]
    /// Why the joules must not be compared; empty where they may.
    var obstacles: [String]
}

/// Judges comparisons that stand in one document: each figure is one family, adjusted by Holm's procedure.
///
/// Estimates carry adjusted p-values and intervals at the level at which Holm judged them; see `holm(_:alpha:)`.
func judge(_ contrasts: [Contrast]) -> [Judgement] {
    let times = family(contrasts.map(\.speedup))
    let energies = family(contrasts.map(\.energy))
    let powers = family(contrasts.map { $0.ratio(\.meanPower).map(Evidence.init) })
    let products = family(contrasts.map { $0.ratio(\.energyDelay).map(Evidence.init) })
    let nets = family(contrasts.map { $0.netEnergy.map(Evidence.init) })
    let qualities = qualities(of: contrasts)
    let allObstacles = contrasts.map { obstacles(to: $0.runs) }
    let targets = targets(of: contrasts, comparable: allObstacles.map(\.isEmpty))
    return contrasts.indices.map { index in
        let contrast = contrasts[index]
        let obstacles = allObstacles[index]
        // Runs that count took time, so that their ratio always exists.
        let speedup = times[index]?.estimate ?? Estimate(value: 1)
        let energy = obstacles.isEmpty ? energies[index] : nil
        let grams = energy.flatMap { contrast.carbonSaved(alpha: $0.alpha) }
        let net = obstacles.isEmpty ? nets[index]?.estimate : nil
        var comparison = Comparison(
            baseline: .init(label: contrast.labels.baseline, runIDs: contrast.baseline.map(\.id)),
            candidate: .init(label: contrast.labels.candidate, runIDs: contrast.candidate.map(\.id)),
            speedup: speedup,
            energyRatio: energy?.estimate,
            energySaved: energy.flatMap { contrast.saving(ratio: $0.estimate) },
            powerRatio: nil,
            edpRatio: nil,
            co2eSavedGramsPerRun: grams?.total,
            carbonSaved: grams,
            netEnergyRatio: net,
            quality: qualities[index],
            target: targets[index],
            relevance: contrast.relevance(of: energy?.estimate),
            effectSize: energy.flatMap { contrast.effectSize(alpha: $0.alpha) },
            intervalMethod: contrast.criteria.intervals,
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
        comparison.findings =
            statements + [unpairedSentence([contrast])].compactMap(\.self) + weaknesses.map(\.sentence)
            + Analysis.weaknesses(of: contrast.runs)
            + orderWeaknesses(of: [contrast.baseline, contrast.candidate])
        return Judgement(
            contrast: contrast,
            comparison: comparison,
            statements: statements,
            weaknesses: weaknesses,
            obstacles: obstacles
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

extension Estimate {
    /// The same figure with its last digits from an identity, the bounds moved along.
    func moved(to value: Double) -> Estimate {
        guard self.value > 0 else { return self }
        let factor = value / self.value
        return Estimate(value: value, low: low.map { $0 * factor }, high: high.map { $0 * factor }, p: p)
    }
}
