import Analysis
import Carbon
import Metering
import Quantities

extension Document {
    /// The few figures that answer most questions: of the one comparison, of each of a few, or of the one arm.
    static func highlights(_ study: Study) -> [Highlight] {
        if let table = study.parallelScaling.first { return highlights(table) }
        guard study.comparisons.count == 1, let comparison = study.comparisons.first else {
            if study.arms.count == 1 { return study.arms.first.map { highlights($0, study: study) } ?? [] }
            return study.comparisons.count <= 4 ? study.comparisons.compactMap { saving($0, study: study) } : []
        }
        let basis = word(study.basis)
        var result: [Highlight] = []
        if let saved = comparison.energySaved {
            let more = saved.fraction < 0
            let (low, high) = more ? (saved.high.map(-), saved.low.map(-)) : (saved.low, saved.high)
            let size = saved.fraction.magnitude
            let each = Joules(saved.joulesPerRun.magnitude).formatted()
            result.append(
                Highlight(
                    name: more ? "Additional energy, \(basis)" : "Energy saved, \(basis)",
                    value: percent(size, places: percentPlaces(low, high)),
                    detail: interval(low, high, none: 0) { percent($0, places: percentPlaces(low, high)) }
                        + "; \(each) a run"
                )
            )
        }
        let speed = comparison.speedup
        let range = interval(speed.low, speed.high, none: 1) { decimal($0, places: 2) }
        result.append(Highlight(name: "Speed-up", value: decimal(speed.value, places: 2) + " ×", detail: range))
        if let power = comparison.powerRatio {
            let range = interval(power.low, power.high, none: 1) { decimal($0, places: 2) }
            result.append(
                Highlight(name: "Power ratio, \(basis)", value: decimal(power.value, places: 2), detail: range)
            )
        }
        if let grams = comparison.co2eSavedGramsPerRun {
            let more = grams.value < 0
            let (low, high) = more ? (grams.high.map(-), grams.low.map(-)) : (grams.low, grams.high)
            let unit = ColumnUnit("g", for: max(grams.value.magnitude, high ?? 0))
            let places = supportedPlaces(uncertainty: ((high ?? 0) - (low ?? 0)) / unit.factor / 2)
            let words = { (number: Double) in "\(decimal(number / unit.factor, places: places)) \(unit.symbol)" }
            result.append(
                Highlight(
                    name: (more ? "Additional CO2e a run" : "CO2e saved a run")
                        + (study.basis == .measured ? "" : ", from \(basis) joules"),
                    value: words(grams.value.magnitude),
                    detail: interval(low, high, none: 0, words)
                )
            )
        }
        return result
    }

    /// One figure of one comparison among several.
    private static func saving(_ comparison: Comparison, study: Study) -> Highlight? {
        guard let saved = comparison.energySaved else { return nil }
        let more = saved.fraction < 0
        let (low, high) = more ? (saved.high.map(-), saved.low.map(-)) : (saved.low, saved.high)
        let words = { (fraction: Double) in percent(fraction, places: percentPlaces(low, high)) }
        return Highlight(
            name: "\(comparison.candidate.label): energy \(more ? "added" : "saved"), \(word(study.basis))",
            value: words(saved.fraction.magnitude),
            detail: interval(low, high, none: 0, words)
        )
    }

    private static func highlights(_ arm: ArmSummary, study: Study) -> [Highlight] {
        var result: [Highlight] = []
        if let energy = arm.energy {
            let text = Joules(energy.value).formatted(uncertainty: arm.energyUncertainty.map { Joules($0) })
            result.append(Highlight(name: "Energy of a run", value: text, detail: word(study.basis)))
        }
        let runs = counted(arm.runIDs.count, "run")
        result.append(Highlight(name: "Duration", value: duration(Seconds(arm.duration.value)), detail: runs))
        if let power = arm.meanPower {
            result.append(Highlight(name: "Mean power", value: Watts(power.value).formatted(), detail: ""))
        }
        if let grams = arm.co2e {
            let text = GramsCO2e(grams.value).formatted().replacing("CO2e", with: "")
            result.append(Highlight(name: "CO2e of a run", value: text, detail: study.carbon.first?.zoneName ?? ""))
        }
        return result
    }

    /// An interval in words, as `59 to 63 (95 %)`; what is missing is said, and that it holds no difference.
    static func interval(_ low: Double?, _ high: Double?, none: Double, _ words: (Double) -> String) -> String {
        guard let low, let high else { return "too few runs for an interval" }
        let range = "\(words(low)) to \(words(high)) (95 %)"
        return low <= none && none <= high ? range + ", no difference shown" : range
    }
}
