internal import Carbon
internal import Ledger
internal import Metering
internal import Quantities

extension Contrast {
    /// What the figures of a comparison say, each sentence with its number.
    func statements(of comparison: Comparison, obstacles: [String]) -> [String] {
        guard obstacles.isEmpty else {
            return [
                placed(
                    "\(names.candidate) and \(names.baseline) are not comparable: \(obstacles.joined(separator: "; "))."
                )
            ]
        }
        var sentences = [placed(speedSentence(comparison.speedup))]
        sentences += energySentences(comparison).map(placed)
        if let power = comparison.powerRatio { sentences.append(placed(powerSentence(power))) }
        if let sentence = relevanceSentence(comparison) { sentences.append(placed(sentence)) }
        if let quality = comparison.quality { sentences.append(placed(qualitySentence(quality))) }
        if let target = comparison.target { sentences.append(placed(targetSentence(target))) }
        if let grams = comparison.co2eSavedGramsPerRun, let account = carbon {
            sentences.append(placed(gramsSentence(grams, account)))
            if let saved = comparison.carbonSaved, saved.embodied != nil { sentences.append(partsSentence(saved)) }
        }
        return sentences
    }

    /// A sentence with its context before it, else with a capital; names keep the letters that they have.
    private func placed(_ text: String) -> String {
        if let context { return "At \(context), \(text)" }
        let named = [names.candidate, criteria.quality?.metric, criteria.target?.metric].compactMap(\.self)
        let isName = named.contains { text.hasPrefix($0) }
        return isName ? text : text.prefix(1).uppercased() + text.dropFirst()
    }

    private func speedSentence(_ speedup: Estimate) -> String {
        let times = "\(names.candidate) ran \(ratioText(speedup)) times as fast as \(names.baseline)"
        guard let low = speedup.low, let high = speedup.high else { return times + "; no interval can be given." }
        if low > 1 || high < 1 { return "\(times) (\(rangeText(speedup)))." }
        return "no difference in speed is shown: \(times) (\(rangeText(speedup)))."
    }

    private func energySentences(_ comparison: Comparison) -> [String] {
        guard let saved = comparison.energySaved, let energy = comparison.energyRatio else { return [] }
        let word = isModelled ? "modelled energy" : "energy"
        let joules = Joules(saved.joulesPerRun.magnitude).formatted()
        let more = saved.fraction < 0
        let size = percent(saved.fraction.magnitude, places: percentPlaces(saved.low, saved.high))
        let bounds = percentRange(more ? saved.high.map(-) : saved.low, more ? saved.low.map(-) : saved.high)
        let what =
            more ? "took \(size) more \(word) than \(names.baseline)" : "saved \(size) of \(names.baseline)'s \(word)"
        let figure = "\(names.candidate) \(what), \(joules) a run"
        var sentences: [String] = []
        switch comparison.verdict {
        case .savesEnergy, .costsEnergy:
            sentences.append("\(figure) (\(bounds)).")
        case .dependsOnIdle:
            sentences.append("\(figure) (\(bounds)), but above idle power the sign turns.")
        case .noDifferenceShown, .notComparable:
            guard energy.low != nil else {
                let cause =
                    comparison.isSingle
                    ? "One run \(baseline.count == candidate.count ? "a" : "on a") side can show nothing; repeat."
                    : criteria.intervals == .bootstrap
                        ? "No interval can be drawn from these runs."
                        : "The runs do not vary, so no interval can be given."
                sentences.append("\(figure). \(cause)")
                break
            }
            sentences.append("no difference in \(word) is shown: \(figure) (\(bounds)).")
        }
        if let net = comparison.netEnergyRatio, let idle {
            let watts = Watts(idle.watts).formatted()
            let bounds = net.low == nil ? "" : " (\(rangeText(net)))"
            let end = comparison.verdict == .dependsOnIdle ? "; it saves only if \(condition(ofSaving: energy))." : "."
            sentences.append("above the idle power of \(watts) the ratio of energy is \(ratioText(net))\(bounds)\(end)")
        }
        return sentences
    }

    private func powerSentence(_ power: Estimate) -> String {
        let change = power.value - 1
        let text =
            "\(names.candidate) draws \(percent(change.magnitude, places: percentPlaces(power.low, power.high))) "
            + "\(change < 0 ? "less" : "more") \(isModelled ? "modelled power" : "power") while it runs"
        guard let low = power.low, let high = power.high else { return text + "; no interval can be given." }
        if low > 1 { return "\(text) (\(percentRange(low - 1, high - 1)))." }
        if high < 1 { return "\(text) (\(percentRange(1 - high, 1 - low)))." }
        let word = isModelled ? "modelled power" : "power"
        return "no difference in \(word) is shown: a change of \(percentRange(low - 1, high - 1))."
    }

    private func gramsSentence(_ grams: Estimate, _ account: CarbonAccount) -> String {
        let grid = account.grid
        guard let low = grams.low, let high = grams.high, low > 0 || high < 0 else {
            return "no difference in CO2e is shown \(grid)."
        }
        let word = grams.value < 0 ? "more" : "less"
        // The interval is symmetric, so that one unit serves the figure and both its ends.
        let size = GramsCO2e(grams.value.magnitude).formatted(uncertainty: GramsCO2e((high - low) / 2))
        return "a run of \(names.candidate) emits \(size) \(word) than one of \(names.baseline) \(grid)."
    }
}

extension CarbonAccount {
    /// What the grams rest on, as `at the yearly life-cycle mean of 329.7 gCO2e/kWh of Germany, 2025`.
    var grid: String {
        let amount = "\(significant(intensity.value, digits: 4)) gCO2e/kWh"
        if parts != nil { return "at the \(basis) \(kind) intensity of each run's own hours (\(intensitySource))" }
        if zone.isEmpty { return "at \(amount) (\(intensitySource))" }
        let place = "\(zoneName)\(year.map { ", \($0)" } ?? "")"
        return "at the yearly \(basis) mean of \(amount) of \(place) (an attributional estimate)"
    }
}

/// What of the grams comes from the joules and what from the time of the hardware.
private func partsSentence(_ saved: Comparison.CarbonSaving) -> String {
    let grams = { (estimate: Estimate) in
        "\(GramsCO2e(estimate.value.magnitude).formatted()) \(estimate.value < 0 ? "more" : "less")"
    }
    let embodied = saved.embodied.map(grams) ?? ""
    return "Of it, \(grams(saved.operational)) is operational, with the joules, and \(embodied) is embodied, with the "
        + "time of the node"
        + (saved.embodiedLeads ? ": on so clean a grid the embodied part leads, and a shorter run counts most." : ".")
}

/// A ratio with the digits that its interval supports.
func ratioText(_ estimate: Estimate) -> String {
    decimal(estimate.value, places: places(estimate))
}

/// The interval of a ratio, as `1.66 to 1.76`.
func rangeText(_ estimate: Estimate) -> String {
    guard let low = estimate.low, let high = estimate.high else { return "no interval" }
    return "\(decimal(low, places: places(estimate))) to \(decimal(high, places: places(estimate)))"
}

private func places(_ estimate: Estimate) -> Int {
    guard let low = estimate.low, let high = estimate.high else { return 2 }
    return max(2, min(3, supportedPlaces(uncertainty: (high - low) / 2)))
}

/// Two fractions as percentages with the digits that their distance supports, as `37.0 to 41.0 %`.
func percentRange(_ low: Double?, _ high: Double?) -> String {
    guard let low, let high else { return "no interval" }
    let places = percentPlaces(low, high)
    return "\(decimal(low * 100, places: places)) to \(percent(high, places: places))"
}

/// Decimals of a percentage that its interval of fractions supports: one at most.
func percentPlaces(_ low: Double?, _ high: Double?) -> Int {
    guard let low, let high else { return 1 }
    return min(1, supportedPlaces(uncertainty: (high - low) * 50))
}

/// A fraction that somebody chose, as `5 %` or `0.5 %`.
func chosenPercent(_ fraction: Double) -> String {
    percent(fraction, places: ((fraction * 100).rounded() - fraction * 100).magnitude < 1e-9 ? 0 : 1)
}
