internal import Ledger
internal import Quantities
private import RealModule
internal import Statistics

extension Questions {
    /// Does the gain grow with a size? One answer for every factor that can double.
    var sizeAnswers: [Answer] { sizes.compactMap(sizeAnswer) }

    private func sizeAnswer(_ factor: String) -> Answer? {
        guard factor != precision, let precision else { return nil }
        let all = groups(over: factor)
        guard !all.isEmpty else { return nil }
        let speeds = family(all.map { slope($0, over: factor) { $0.contrast.speedup(in: window) } })
        let energies = family(all.map { slope($0, over: factor) { $0.contrast.energyRatio(in: window) } })
        guard speeds.contains(where: { $0 != nil }) else { return nil }
        let changed = distinct(all.flatMap { differingOptions($0.map(\.contrast.runs)) })
        let names = all.map { gains in
            let place = place(gains[0].levels, without: [precision, factor])
            return gains[0].contrast.names.candidate + (place.isEmpty ? "" : ": \(place)")
        }
        var figures: [Answer.Figure] = []
        for index in all.indices {
            var levels = all[index][0].levels
            levels[factor] = nil
            for (quantity, estimate) in [
                (Answer.Quantity.speedupPerDoubling, speeds[index]?.estimate),
                (.energyRatioPerDoubling, energies[index]?.estimate),
            ] {
                guard let estimate else { continue }
                figures.append(
                    Answer.Figure(quantity: quantity, subject: names[index], levels: levels, estimate: estimate)
                )
            }
        }
        let points = precisionAnswer?.figures.filter { figure in
            figure.quantity != .energySaved
                && all.contains { $0.contains { $0.levels == figure.levels && $0.algorithms == figure.algorithms } }
        }
        let told = all.indices.compactMap { index in speeds[index].map { (names[index], $0.estimate) } }
        return Answer(
            question: .size,
            factor: factor,
            title: "Does the gain grow with \(factor)?",
            verdict: verdict(told.map(\.1)),
            sentence: sentence(told, factor: factor, energies: energies.compactMap { $0?.estimate })
                + weakened(all, factor: factor, changed: changed) + ".",
            region: window.region,
            per: window.per,
            basis: energies.contains { $0 != nil } ? basis : nil,
            figures: figures + (points ?? [])
        )
    }

    /// What the slopes rest on beside the size, as the end of the sentence.
    private func weakened(_ groups: [[Gain]], factor: String, changed: [String]) -> String {
        var text = ""
        if groups.contains(where: { $0.count > 2 && $0.contains { $0.contrast.speedup(in: window)?.pValue == nil } }) {
            text += "; sizes ran but once, so that the intervals rest on the scatter about a line"
        }
        if !changed.isEmpty {
            text += "; \(series(changed, or: false)) \(changed.count == 1 ? "changes" : "change") with \(factor) too"
        }
        return text + caveat(groups.flatMap(\.self))
    }

    /// Gains that differ in a factor alone, two sizes at least.
    private func groups(over factor: String) -> [[Gain]] {
        var keys: [[String: String]] = []
        var groups: [[String: String]: [Gain]] = [:]
        for gain in askedGains() {
            var key = gain.levels
            key[factor] = nil
            if groups[key] == nil { keys.append(key) }
            groups[key, default: []].append(gain)
        }
        return keys.compactMap { groups[$0] }.filter { $0.count > 1 }
    }

    private func slope(_ gains: [Gain], over factor: String, _ figure: (Gain) -> RatioInference?) -> Evidence? {
        let sizes = gains.compactMap { $0.levels[factor].flatMap(Double.init) }
        let figures = gains.compactMap { figure($0)?.logarithm }
        let doublings = sizes.map { Double.log2($0) }
        // Where a size ran but once, the scatter about the line is all that is known of the error.
        guard let line = trend(doublings, figures) ?? trend(doublings, figures.map(\.value)) else { return nil }
        return Evidence(RatioInference(logarithm: line.slope))
    }

    private func verdict(_ slopes: [Estimate]) -> Answer.Verdict {
        let growing = slopes.filter { ($0.low ?? 0) > 1 }.count
        if growing == slopes.count { return .yes }
        if slopes.allSatisfy({ ($0.high ?? .infinity) < 1 }) { return .no }
        return growing > 0 ? .partly : .notShown
    }

    private func sentence(_ told: [(name: String, slope: Estimate)], factor: String, energies: [Estimate]) -> String {
        let words = { (entry: (name: String, slope: Estimate)) in
            let bounds = entry.slope.low == nil ? "no interval can be given" : rangeText(entry.slope)
            return "\(entry.name) by \(ratioText(entry.slope)) (\(bounds))"
        }
        let growing = told.filter { ($0.slope.low ?? 0) > 1 }
        let falling = told.filter { ($0.slope.high ?? .infinity) < 1 }
        let open = told.filter { entry in
            (entry.slope.low ?? 0) <= 1 && (entry.slope.high ?? .infinity) >= 1
        }
        let start = "each doubling of \(factor) multiplies the speed-up of "
        var parts: [String] = []
        if !growing.isEmpty {
            parts.append("it grows: \(start)\(series(growing.map(words), or: false))")
        }
        if !falling.isEmpty { parts.append("it falls: \(start)\(series(falling.map(words), or: false))") }
        if !open.isEmpty {
            parts.append("that it changes is not shown: \(start)\(series(open.map(words), or: false))")
        }
        if !energies.isEmpty { parts.append("the ratio of \(joules) is multiplied by \(span(energies))") }
        let text = parts.joined(separator: "; ")
        return text.prefix(1).uppercased() + text.dropFirst()
    }
}
