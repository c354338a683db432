internal import Ledger
internal import Quantities
internal import Statistics

extension Questions {
    /// Whether the gain of one framework is larger than that of another: every two, by the mean over the places where
    /// both have a gain; at one algorithm each, and once more with every side at its fastest.
    func gainContrasts(_ names: [String], _ framework: String) -> ([Answer.Figure], String?) {
        guard let precision else { return ([], nil) }
        var contrasts: [GainContrast] = []
        for mixed in levels(of: precision) {
            let sides = names.map { gainSides(mixed, $0, framework) }
            for (index, first) in sides.enumerated() {
                for second in sides.dropFirst(index + 1) {
                    for x in first {
                        contrasts += second.compactMap { gainContrast(mixed, x, $0, framework) }
                    }
                }
            }
        }
        guard !contrasts.isEmpty else { return ([], nil) }
        let speeds = family(contrasts.map { $0.speed.map(Evidence.init) })
        let energies = family(contrasts.map { $0.energy.map(Evidence.init) })
        var figures: [Answer.Figure] = []
        for (index, contrast) in contrasts.enumerated() {
            var levels = [framework: contrast.sides.0.name, precision: contrast.mixed]
            if let algorithm { levels[algorithm] = contrast.sides.0.algorithm }
            for (quantity, judged) in [
                (Answer.Quantity.speedupGainRatio, speeds[index]), (.energyGainRatio, energies[index]),
            ] {
                guard let judged else { continue }
                figures.append(
                    Answer.Figure(
                        quantity: quantity,
                        subject: "\(contrast.mixed): \(contrast.sides.0.words)",
                        reference: contrast.sides.1.words,
                        levels: levels,
                        estimate: judged.estimate
                    )
                )
            }
        }
        return (figures, sentence(zip(contrasts, speeds).compactMap { pair in pair.1.map { (pair.0, $0.estimate) } }))
    }

    /// The gains of one framework by one precision.
    private struct GainSide {
        var name: String
        /// The algorithm of both sides of every gain; `nil` where the plan does not vary it or each is at its fastest.
        var algorithm: String?
        /// Whether both sides of every gain are at the fastest algorithm that the plan has for them.
        var isAtBest: Bool
        var gains: [Gain]

        var isBest: Bool { isAtBest && gains.contains(where: \.isBestAgainstBest) }

        var words: String { name + (algorithm.map { " (\($0))" } ?? (isBest ? " (best against best)" : "")) }

        /// Unlike algorithms are not compared; what a library chooses stands beside any.
        func isComparable(with other: GainSide) -> Bool {
            guard isAtBest == other.isAtBest else { return false }
            if isAtBest { return isBest || other.isBest }
            return algorithm == other.algorithm || algorithm == nil || other.algorithm == nil
        }
    }

    /// Two frameworks' gains by one precision, the first over the second.
    private struct GainContrast {
        var mixed: String
        var sides: (GainSide, GainSide)
        var speed: RatioInference?
        var energy: RatioInference?
        /// The ratio of speed-ups at each place.
        var places: [Double]
    }

    private func gainSides(_ mixed: String, _ name: String, _ framework: String) -> [GainSide] {
        let isOwn = { (gain: Gain) in
            gain.levels[framework] == name && gain.contrast.names.candidate == mixed
        }
        let choice = { (gain: Gain) in hasAlgorithms(gain.levels) ? algorithm.flatMap { gain.levels[$0] } : nil }
        let alone = Dictionary(grouping: askedGains(each: framework).filter(isOwn), by: choice).sorted {
            $0.key ?? "" < $1.key ?? ""
        }
        return alone.map { GainSide(name: name, algorithm: $0.key, isAtBest: false, gains: $0.value) }
            + [GainSide(name: name, isAtBest: true, gains: gains.filter { isOwn($0) && $0.isAtBest })]
    }

    private func gainContrast(_ mixed: String, _ first: GainSide, _ second: GainSide, _ framework: String)
        -> GainContrast?
    {
        guard first.isComparable(with: second) else { return nil }
        let place = { (gain: Gain) in gain.levels.filter { $0.key != framework && $0.key != algorithm } }
        let pairs = first.gains.compactMap { gain in
            second.gains.first { place($0) == place(gain) }.map { (gain, $0) }
        }
        guard !pairs.isEmpty else { return nil }
        let differences = { (figure: (Gain) -> RatioInference?) in
            pairs.compactMap { x, y in
                figure(x).flatMap { a in
                    figure(y).map { RatioInference(logarithm: difference(a.logarithm, $0.logarithm)) }
                }
            }
        }
        let mean = { (ratios: [RatioInference]) in
            ratios.count == pairs.count
                ? Statistics.mean(of: ratios.map(\.logarithm)).map(RatioInference.init) : nil
        }
        let speeds = differences { $0.contrast.speedup(in: window) }
        return GainContrast(
            mixed: mixed,
            sides: (first, second),
            speed: mean(speeds),
            energy: mean(differences { $0.contrast.energyRatio(in: window) }),
            places: speeds.map(\.value)
        )
    }

    private func sentence(_ contrasts: [(GainContrast, Estimate)]) -> String? {
        guard !contrasts.isEmpty else { return nil }
        let isShown = { (entry: (GainContrast, Estimate)) in (entry.1.low ?? 0) > 1 || (entry.1.high ?? .infinity) < 1 }
        guard contrasts.contains(where: isShown) else {
            let all = contrasts.map(\.1).map { $0.value < 1 ? $0.inverted : $0 }.max { $0.value < $1.value }
            return "That one gains more than another is not shown"
                + (all.map { " (gains differ by a factor of \(ratioText($0)) at most, \(rangeText($0)))" } ?? "")
        }
        let words = { (entry: (GainContrast, Estimate)) -> String in
            let (contrast, ratio) = entry
            let isFirst = ratio.value >= 1
            let turned = isFirst ? ratio : ratio.inverted
            let sides = isFirst ? contrast.sides : (contrast.sides.1, contrast.sides.0)
            let (more, less) = sides.0.isAtBest ? (sides.0.name, sides.1.name) : (sides.0.words, sides.1.words)
            var bounds = turned.low == nil ? "no interval can be given" : rangeText(turned)
            if !isShown(entry) { bounds += ", not shown" }
            if contrast.places.count > 1 {
                bounds += "; by place \(span(contrast.places.map { Estimate(value: isFirst ? $0 : 1 / $0) }))"
            }
            return "in \(more) \(ratioText(turned)) times that in \(less) (\(bounds))"
        }
        // Best against best is told whatever it shows, since it may turn what one algorithm says.
        let told = contrasts.filter { $0.0.sides.0.isAtBest || isShown($0) }
        let parts = distinct(told.map(\.0.mixed)).map { name in
            let own = told.filter { $0.0.mixed == name }
            let alone = own.filter { !$0.0.sides.0.isAtBest }.map(words)
            let best = own.filter(\.0.sides.0.isAtBest).map(words)
            let ends = [
                alone.isEmpty ? "" : "The speed-up by \(name) is \(series(alone, or: false))",
                best.isEmpty
                    ? ""
                    : "best against best \(alone.isEmpty ? "that by \(name)" : "it") is \(series(best, or: false))",
            ]
            let text = ends.filter { !$0.isEmpty }.joined(separator: "; ")
            return text.prefix(1).uppercased() + text.dropFirst()
        }
        return parts.joined(separator: ". ")
            + (told.count < contrasts.count
                ? "; \(contrasts.count - told.count) of \(contrasts.count) such differences are not shown" : "")
    }
}
