internal import Ledger
internal import Quantities
internal import Statistics

extension Questions {
    /// Whether the gain of one framework is larger than that of another: every two, by the mean over the places where
    /// both have a gain by precision alone.
    func gainContrasts(_ names: [String], _ framework: String) -> ([Answer.Figure], String?) {
        guard let precision else { return ([], nil) }
        var contrasts: [GainContrast] = []
        for mixed in levels(of: precision) {
            for (index, first) in names.enumerated() {
                for second in names.dropFirst(index + 1) {
                    if let contrast = gainContrast(mixed, first, second, framework) { contrasts.append(contrast) }
                }
            }
        }
        guard !contrasts.isEmpty else { return ([], nil) }
        let speeds = family(contrasts.map { $0.speed.map(Evidence.init) })
        let energies = family(contrasts.map { $0.energy.map(Evidence.init) })
        var figures: [Answer.Figure] = []
        for (index, contrast) in contrasts.enumerated() {
            for (quantity, judged) in [
                (Answer.Quantity.speedupGainRatio, speeds[index]), (.energyGainRatio, energies[index]),
            ] {
                guard let judged else { continue }
                figures.append(
                    Answer.Figure(
                        quantity: quantity,
                        subject: "\(contrast.mixed): \(contrast.names.0)",
                        reference: contrast.names.1,
                        levels: [framework: contrast.names.0, precision: contrast.mixed],
                        estimate: judged.estimate
                    )
                )
            }
        }
        return (figures, sentence(zip(contrasts, speeds).compactMap { pair in pair.1.map { (pair.0, $0.estimate) } }))
    }

    /// Two frameworks' gains by one precision, the first over the second.
    private struct GainContrast {
        var mixed: String
        var names: (String, String)
        var speed: RatioInference?
        var energy: RatioInference?
    }

    private func gainContrast(_ mixed: String, _ first: String, _ second: String, _ framework: String) -> GainContrast?
    {
        let own = { (name: String) in
            gains.filter { gain in
                gain.algorithms.isPrecisionAlone && gain.levels[framework] == name
                    && gain.contrast.names.candidate == mixed
            }
        }
        let place = { (gain: Gain) in gain.levels.filter { $0.key != framework && $0.key != algorithm } }
        let pairs = own(first).compactMap { gain in
            own(second).first { place($0) == place(gain) }.map { (gain, $0) }
        }
        guard !pairs.isEmpty else { return nil }
        let mean = { (figure: (Gain) -> RatioInference?) -> RatioInference? in
            let differences = pairs.compactMap { x, y in
                figure(x).flatMap { a in figure(y).map { difference(a.logarithm, $0.logarithm) } }
            }
            guard differences.count == pairs.count else { return nil }
            return Statistics.mean(of: differences).map(RatioInference.init)
        }
        return GainContrast(
            mixed: mixed,
            names: (first, second),
            speed: mean { $0.contrast.speedup(in: window) },
            energy: mean { $0.contrast.energyRatio(in: window) }
        )
    }

    private func sentence(_ contrasts: [(GainContrast, Estimate)]) -> String? {
        guard !contrasts.isEmpty else { return nil }
        let words = { (entry: (GainContrast, Estimate)) -> String in
            let (contrast, ratio) = entry
            let isFirst = ratio.value >= 1
            let turned = isFirst ? ratio : ratio.inverted
            let (more, less) = isFirst ? contrast.names : (contrast.names.1, contrast.names.0)
            let bounds = turned.low == nil ? "no interval can be given" : rangeText(turned)
            return "in \(more) \(ratioText(turned)) times that in \(less) (\(bounds))"
        }
        let shown = contrasts.filter { ($0.1.low ?? 0) > 1 || ($0.1.high ?? .infinity) < 1 }
        guard !shown.isEmpty else {
            let all = contrasts.map(\.1).map { $0.value < 1 ? $0.inverted : $0 }.max { $0.value < $1.value }
            return "that one gains more than another is not shown"
                + (all.map { " (gains differ by a factor of \(ratioText($0)) at most, \(rangeText($0)))" } ?? "")
        }
        var mixed: [String] = []
        for entry in shown where !mixed.contains(entry.0.mixed) { mixed.append(entry.0.mixed) }
        let parts = mixed.map { name in
            "the speed-up by \(name) is \(series(shown.filter { $0.0.mixed == name }.map(words), or: false))"
        }
        return parts.joined(separator: "; ")
            + (shown.count < contrasts.count
                ? "; \(contrasts.count - shown.count) of \(contrasts.count) such differences are not shown" : "")
    }
}
