internal import Ledger
internal import Quantities
internal import Statistics

extension Questions {
    /// Which framework is faster, and which gains more? `nil` where fewer than two have runs.
    func frameworkAnswer() throws(AnalysisError) -> Answer? {
        guard let framework else { return nil }
        let names = levels(of: framework).filter { name in arms.contains { $0[framework] == name } }
        guard names.count > 1 else { return nil }
        let pairs = try pairs(names, framework)
        guard !pairs.isEmpty else { return nil }
        let times = family(pairs.map { $0.time.map(Evidence.init) })
        let energies = family(pairs.map { $0.energy.map(Evidence.init) })
        let (gainFigures, gainSentence) = gainContrasts(names, framework)
        var (verdict, parts) = speed(of: names, pairs, times, energies)
        if let gainSentence { parts += ". \(gainSentence)\(caveat(askedGains(each: framework)))" }
        var figures: [Answer.Figure] = []
        for (index, pair) in pairs.enumerated() {
            for (quantity, judged) in [(Answer.Quantity.speedup, times[index]), (.energyRatio, energies[index])] {
                guard let judged else { continue }
                figures.append(
                    Answer.Figure(
                        quantity: quantity,
                        subject: pair.names.0,
                        reference: pair.names.1,
                        levels: [framework: pair.names.0],
                        estimate: judged.estimate
                    )
                )
            }
        }
        if figures.isEmpty { verdict = .notShown }
        return Answer(
            question: .framework,
            factor: framework,
            title: precision == nil || gains.isEmpty
                ? "Which \(framework) is faster?"
                : "Which \(framework) is faster, and which gains more from mixed precision?",
            verdict: verdict,
            sentence: parts + ".",
            region: window.region,
            per: window.per,
            basis: energies.contains { $0 != nil } ? basis : nil,
            figures: means(framework) + figures + gainFigures
        )
    }

    /// Two frameworks over all places where both ran, each at its fastest algorithm.
    private struct Pair {
        var names: (String, String)
        /// Time of the second over time of the first: how many times as fast the first is.
        var time: RatioInference?
        /// Joules of the first over those of the second.
        var energy: RatioInference?
        /// The ratio of times at each place.
        var places: [Double]
    }

    private func pairs(_ names: [String], _ framework: String) throws(AnalysisError) -> [Pair] {
        var pairs: [Pair] = []
        for (index, first) in names.enumerated() {
            for second in names.dropFirst(index + 1) {
                var contrasts: [Contrast] = []
                for (base, candidate) in common(second, first, framework) {
                    contrasts.append(try contrast(base, candidate, names: (second, first)))
                }
                guard !contrasts.isEmpty else { continue }
                let times = contrasts.compactMap { $0.speedup(in: window) }
                let energies = contrasts.compactMap { $0.energyRatio(in: window)?.logarithm }
                pairs.append(
                    Pair(
                        names: (first, second),
                        time: mean(of: times.map(\.logarithm)).map(RatioInference.init),
                        energy: energies.count == contrasts.count ? mean(of: energies).map(RatioInference.init) : nil,
                        places: times.map(\.value)
                    )
                )
            }
        }
        return pairs
    }

    /// The arms of two frameworks at every place where both have runs.
    private func common(
        _ first: String,
        _ second: String,
        _ framework: String
    ) -> [([String: String], [String: String])] {
        let others = { (name: String) -> [[String: String]] in
            var seen: [[String: String]] = []
            for arm in arms where arm[framework] == name {
                let key = arm.filter { $0.key != framework && $0.key != algorithm }
                if !seen.contains(key) { seen.append(key) }
            }
            return seen
        }
        let there = others(second)
        return others(first).filter(there.contains).compactMap { key in
            guard let x = best(key, first, framework), let y = best(key, second, framework) else { return nil }
            return (x, y)
        }
    }

    /// The fastest arm of a framework at a place.
    private func best(_ key: [String: String], _ name: String, _ framework: String) -> [String: String]? {
        arms.first { arm in arm[framework] == name && key.allSatisfy { arm[$0.key] == $0.value } }
            .flatMap { fastest(like: $0) }
    }

    /// Mean seconds and joules of every arm.
    private func means(_ framework: String) -> [Answer.Figure] {
        arms.flatMap { levels -> [Answer.Figure] in
            let others = place(levels, without: [framework, algorithm])
            let chosen = hasAlgorithms(levels) ? algorithm.flatMap { levels[$0] } : nil
            let subject = [levels[framework], chosen].compactMap(\.self).joined(separator: ", ")
            let runs = runs(at: levels)
            let figure = { (quantity: Answer.Quantity, values: [Double]) in
                estimate(values).map {
                    Answer.Figure(quantity: quantity, subject: subject, place: others, levels: levels, estimate: $0)
                }
            }
            return [
                figure(.duration, runs.compactMap(window.seconds)), figure(.energy, runs.compactMap(window.joules)),
            ].compactMap(\.self)
        }
    }

    /// The one whose mean logarithm of speed over its pairs is the largest; `nil` where no times can be compared.
    private func fastestName(_ names: [String], _ pairs: [Pair]) -> String? {
        let scores = names.compactMap { name in
            mean(
                pairs.compactMap { pair -> Double? in
                    guard let value = pair.time?.logarithm.value else { return nil }
                    return pair.names.0 == name ? value : pair.names.1 == name ? -value : nil
                }
            ).map { (name, $0) }
        }
        return scores.max { $0.1 < $1.1 }?.0
    }

    private func speed(
        of names: [String],
        _ pairs: [Pair],
        _ times: [Judged?],
        _ energies: [Judged?]
    ) -> (Answer.Verdict, String) {
        guard let name = fastestName(names, pairs) else {
            return (.notShown, "No times of \(series(names, or: false)) can be set beside each other")
        }
        var (words, shown) = ([String](), 0)
        var others = names.filter { $0 != name }
        for (index, pair) in pairs.enumerated() where pair.names.0 == name || pair.names.1 == name {
            guard let time = times[index]?.estimate else { continue }
            let isFirst = pair.names.0 == name
            let speedup = isFirst ? time : time.inverted
            let energy = energies[index].map { isFirst ? $0.estimate : $0.estimate.inverted }
            if (speedup.low ?? 0) > 1 { shown += 1 }
            let bounds = speedup.low == nil ? "no interval can be given" : rangeText(speedup)
            let other = isFirst ? pair.names.1 : pair.names.0
            others.removeAll { $0 == other }
            let range = span(pair.places.map { Estimate(value: isFirst ? $0 : 1 / $0) })
            let places = pair.places.count > 1 ? "; mean over \(pair.places.count) places, from \(range)" : ""
            words.append(
                "\(ratioText(speedup)) times as fast as \(other) (\(bounds)\(places))"
                    + (energy.map { " with \(ratioText($0)) times its \(joules)" } ?? "")
            )
        }
        let how = algorithm == nil ? "" : ", each at its fastest algorithm"
        let isShown = shown == names.count - 1
        let what = isShown ? "\(name) is the fastest" : "That \(name) is the fastest is not shown of all"
        let rest = others.isEmpty ? "" : "; no time of \(series(others, or: true)) can be set beside its"
        return (isShown ? .yes : shown > 0 ? .partly : .notShown, "\(what)\(how): \(series(words, or: false))\(rest)")
    }
}

extension Estimate {
    /// The ratio the other way round.
    var inverted: Estimate { Estimate(value: 1 / value, low: high.map { 1 / $0 }, high: low.map { 1 / $0 }, p: p) }
}
