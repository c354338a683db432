internal import Ledger

/// How the gain changes with the size of the work: the comparisons at the ends of every numeric factor.
///
/// A change is stated only where the adjusted intervals of the two speed-ups do not touch, which is stricter than a test.
func scaling(
    _ judgements: [Judgement],
    factors: [ExperimentRecord.Factor],
    baseline: [String: String]
) -> [String] {
    factors.filter { baseline[$0.name] == nil && $0.levels.count > 1 }.flatMap { factor -> [String] in
        let sizes = factor.levels.compactMap { level in Double(level).map { ($0, level) } }.sorted { $0.0 < $1.0 }
        guard sizes.count == factor.levels.count, let least = sizes.first, let most = sizes.last else { return [] }
        let at = { (level: String) in judgements.filter { $0.level(of: factor.name) == level } }
        return at(most.1).compactMap { large in
            guard let small = at(least.1).first(where: { $0.isSame(as: large, but: factor.name) }) else { return nil }
            return sentence(small, large, sizes: ("\(factor.name)=\(least.1)", "\(factor.name)=\(most.1)"))
        }
    }
}

private func sentence(_ small: Judgement, _ large: Judgement, sizes: (String, String)) -> String? {
    let (x, y) = (small.comparison.speedup, large.comparison.speedup)
    guard let lowX = x.low, let highX = x.high, let lowY = y.low, let highY = y.high else { return nil }
    let name = large.contrast.names.candidate
    let figures = "\(ratioText(y)) times as fast at \(sizes.1), \(ratioText(x)) times at \(sizes.0)"
    if lowY > highX { return "The larger size gains more from \(name): \(figures)." }
    if highY < lowX { return "The larger size gains less from \(name): \(figures)." }
    return "That the gain from \(name) changes with size is not shown: \(figures)."
}

extension Judgement {
    private var levels: [String: String] { contrast.candidate.first?.start.place?.levels ?? [:] }

    fileprivate func level(of factor: String) -> String? { levels[factor] }

    fileprivate func isSame(as other: Judgement, but factor: String) -> Bool {
        levels.filter { $0.key != factor } == other.levels.filter { $0.key != factor }
    }
}
