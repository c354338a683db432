internal import Ledger
internal import Quantities

/// Many comparisons beside one baseline, in a few sentences.
struct Summing {
    private var all: [Judgement]
    /// Those whose figures may be set side by side.
    private var compared: [Comparison]

    init(_ judgements: [Judgement]) {
        all = judgements
        compared = judgements.filter(\.obstacles.isEmpty).map(\.comparison)
    }

    /// What the sentences call the baseline.
    var baseline: String { all[0].contrast.names.baseline }

    /// The one candidate; `nil` where there are several.
    var subject: String? {
        let names = Set(all.map(\.contrast.names.candidate))
        return names.count == 1 ? names.first : nil
    }

    /// Levels that all candidates share and the baseline with them, as `filters=16, batch=4`; `nil` where there is none.
    func context(of factors: [ExperimentRecord.Factor]) -> String? {
        let own = all[0].contrast.baseline.first?.start.place?.levels ?? [:]
        let words = factors.compactMap { factor in
            all[0].levels[factor.name].flatMap { $0 == own[factor.name] ? "\(factor.name)=\($0)" : nil }
        }
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }

    /// Speed, energy and quality, a sentence each.
    var sentences: [String] {
        guard !compared.isEmpty else { return [] }
        return [speed, energy, quality].compactMap(\.self)
    }

    private var total: Int { all.count }
    private var word: String { all.contains(where: \.contrast.isModelled) ? "modelled energy" : "energy" }

    private var speed: String {
        let faster = compared.filter { $0.speedup.isAbove(1) }.map(\.speedup)
        let slower = compared.filter { $0.speedup.isBelow(1) }.map(\.speedup)
        var text = "\(subject ?? "The candidate") is shown to be faster than \(baseline) in \(count(faster.count)) of "
        text += "\(total) comparisons" + times(faster)
        if !slower.isEmpty { text += " and slower in \(slower.count)" + times(slower) }
        return text + rest(faster.count + slower.count, "no difference in speed is shown")
    }

    private var energy: String? {
        guard compared.contains(where: { $0.energySaved != nil }) else { return nil }
        let of = { (verdict: EnergyVerdict) in compared.filter { $0.verdict == verdict } }
        let (saves, costs) = (of(.savesEnergy), of(.costsEnergy))
        let depends = of(.dependsOnIdle).count
        var text = "It is shown to save \(word) in \(count(saves.count))" + savings(saves)
        if !costs.isEmpty { text += " and to take more in \(costs.count)" + savings(costs) }
        if depends > 0 { text += "; in \(depends) it depends on idle power" }
        return text + rest(saves.count + costs.count + depends, "no difference in \(word) is shown")
    }

    private var quality: String? {
        let judged = compared.compactMap(\.quality)
        guard let first = judged.first else { return nil }
        let kept = judged.count { $0.verdict == .kept }
        let lost = judged.count { $0.verdict == .lost }
        let open = judged.count - kept - lost
        let margin = "\(first.metric) is kept within the margin of \(first.margin)"
        if kept == 0, lost == 0 { return "That \(margin) is shown in none, nor that it is lost." }
        return "\(margin) in \(count(kept)) and lost in \(count(lost))"
            + (open > 0 ? "; in \(open) neither is shown." : ".")
    }

    private func count(_ number: Int) -> String { number == 0 ? "none" : number == total ? "all" : "\(number)" }

    /// What is said of the comparisons that are left, and how many are none.
    private func rest(_ told: Int, _ words: String) -> String {
        let single = compared.count(where: \.isSingle)
        let open = compared.count - told - single
        let apart = total - compared.count
        return (open > 0 ? "; in \(count(open)) \(words)" : "")
            + (single > 0 ? "; \(count(single)) of one run a side can show nothing" : "")
            + (apart > 0 ? "; \(apart) are not comparable" : "")
            + "."
    }

    private func times(_ ratios: [Estimate]) -> String {
        range(ratios, \.value, ratioText).map { " (\($0) times as fast)" } ?? ""
    }

    /// The fractions and joules in brackets; of a cost those that are added.
    private func savings(_ comparisons: [Comparison]) -> String {
        let saved = comparisons.compactMap(\.energySaved)
        guard
            let fractions = range(saved, \.fraction.magnitude, { decimal($0.fraction.magnitude * 100, places: 0) }),
            let joules = range(saved, \.joulesPerRun.magnitude, { Joules($0.joulesPerRun.magnitude).formatted() })
        else { return "" }
        return " (\(fractions) %, \(joules) a run)"
    }
}

/// The least and the largest in words, as `1.12 to 1.81`; one where both read the same, `nil` of none.
func range<Element>(_ elements: [Element], _ size: (Element) -> Double, _ words: (Element) -> String) -> String? {
    guard let least = elements.min(by: { size($0) < size($1) }), let most = elements.max(by: { size($0) < size($1) })
    else { return nil }
    let (first, last) = (words(least), words(most))
    return first == last ? first : "\(first) to \(last)"
}

extension Summing {
    /// What single comparisons say beyond speed, energy, power, quality and grams, all of a kind in one sentence.
    var further: [String] {
        [obstacleSentences, [idleSentence, relevanceSentence, targetSentence, partsSentence].compactMap(\.self)]
            .flatMap(\.self)
    }

    private var obstacleSentences: [String] {
        let reasons = distinct(all.filter { !$0.obstacles.isEmpty }.map { $0.obstacles.joined(separator: "; ") })
        return reasons.map { reason in
            let number = all.count { $0.obstacles.joined(separator: "; ") == reason }
            return "\(number) of \(total) comparisons \(number == 1 ? "is" : "are") not made: \(reason)."
        }
    }

    private var idleSentence: String? {
        let nets = compared.compactMap(\.netEnergyRatio)
        guard let idle = all.lazy.compactMap(\.contrast.idle).first, let ratios = range(nets, \.value, ratioText)
        else { return nil }
        let turned = compared.filter { $0.verdict == .dependsOnIdle }.compactMap(\.energyRatio)
        let conditions = distinct(turned.map(condition(ofSaving:))).joined(separator: ", or ")
        return "Above the idle power of \(Watts(idle.watts).formatted()) the ratio of energy is \(ratios)"
            + (turned.isEmpty ? "." : "; where it depends on idle, it saves only if \(conditions).")
    }

    private var relevanceSentence: String? {
        let judged = compared.compactMap(\.relevance)
        guard let smallest = all[0].contrast.criteria.smallestRelevantSaving, !judged.isEmpty else { return nil }
        let of = { (relevance: EnergyRelevance) in count(judged.count { $0 == relevance }) }
        return
            "Beside the \(chosenPercent(smallest)) that the plan calls relevant, the difference in energy is relevant "
            + "in \(of(.relevant)), negligible in \(of(.negligible)) and undecided in \(of(.undecided))."
    }

    private var targetSentence: String? {
        let asked = compared.compactMap(\.target)
        guard let target = asked.first?.target.words else { return nil }
        let times = asked.compactMap(\.timeRatio)
        guard let ratios = range(times, \.value, ratioText) else {
            return "No comparison gives a ratio of time and energy to \(target): not every run reached it on its way."
        }
        let energies = range(asked.compactMap(\.energyRatio), \.value, ratioText)
        return "To \(target), \(subject ?? "the candidate") took \(ratios) times the time of \(baseline)"
            + (energies.map { " and \($0) times its \(word)" } ?? "")
            + (times.count < total
                ? ", in the \(times.count) comparisons whose runs all reached it on their way." : ".")
    }

    private var partsSentence: String? {
        let saved = compared.compactMap(\.carbonSaved).filter { $0.embodied != nil }
        let grams = { (grams: Double) in GramsCO2e(grams).formatted() }
        guard let operational = range(saved, \.operational.value, { grams($0.operational.value) }),
            let embodied = range(saved, { $0.embodied?.value ?? 0 }, { grams($0.embodied?.value ?? 0) })
        else { return nil }
        let leading = saved.count(where: \.embodiedLeads)
        return
            "A run emits \(operational) less with the joules (operational) and \(embodied) less with the time of the "
            + "node (embodied)"
            + (leading > 0
                ? "; in \(count(leading)) the embodied part leads, and a shorter run counts most." : ".")
    }

    /// The chance that the comparisons had to show quality as kept, of those that did not.
    var powerSentence: String? {
        let open = all.filter { $0.obstacles.isEmpty && $0.comparison.quality?.power != nil }
        guard let metric = open.first?.comparison.quality?.metric else { return nil }
        let power = open.compactMap(\.comparison.quality?.power).max() ?? 0
        let isPaired = open.allSatisfy(\.contrast.isPaired)
        let unit = isPaired ? "pairs" : "runs an arm"
        let repeats = open.map { min($0.contrast.baseline.count, $0.contrast.candidate.count) }
        let here = range(repeats, Double.init, String.init) ?? ""
        let chance =
            power < 0.01 ? "hardly any such experiment" : "at most \(percent(power, places: 0)) of such experiments"
        var text =
            "With this spread and \(here) \(unit), a candidate that loses nothing would be shown to keep \(metric) in "
            + chance
        let wanted = open.compactMap { judgement in
            judgement.comparison.quality?.repeatsForPower.map { (subject: judgement.contrast.subject, count: $0) }
        }
        if let numbers = range(wanted, { Double($0.count) }, { "\($0.count)" }),
            let most = wanted.max(by: { $0.count < $1.count })
        {
            text += "; \(numbers) \(unit) would make it 80 %"
            if wanted.contains(where: { $0.count != most.count }) { text += " (the most: \(most.subject))" }
        }
        return text + "."
    }
}
