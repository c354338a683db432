internal import Ledger
internal import Quantities
private import RealModule
internal import Statistics

/// How the gains change with the size of the work: a line through them over log2 of every numeric factor.
///
/// The points weigh by their standard errors; the slopes of one figure are one family, adjusted by Holm's procedure.
func scaling(
    _ judgements: [Judgement],
    factors: [ExperimentRecord.Factor],
    baseline: [String: String]
) -> [String] {
    let all = factors.filter { baseline[$0.name] == nil && $0.isSize }
        .flatMap { series(judgements, over: $0.name) }
    let speeds = family(
        all.map { series in
            slope(series) { contrast in
                let (candidate, baseline) = contrast.values(\.duration)
                return contrast.ratio(baseline, candidate)
            }
        }
    )
    let energies = family(
        all.map { series in
            guard series.points.allSatisfy({ $0.comparison.energyRatio != nil }) else { return nil }
            return slope(series) { $0.ratio(\.joules) }
        }
    )
    return all.indices.flatMap { index in
        [
            speeds[index].map { all[index].speedSentence($0.estimate) },
            energies[index].map { all[index].energySentence($0.estimate) },
        ].compactMap(\.self)
    }
}

/// The comparisons that differ in one numeric factor alone.
private struct Series {
    var factor: String
    var points: [Judgement]

    /// The candidate, with the levels of the factors that stay.
    private var subject: String {
        let kept = points[0].levels.filter { level in
            level.key != factor && points[0].contrast.baseline.first?.start.place?.levels[level.key] == level.value
        }
        let words = kept.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return points[0].contrast.names.candidate + (words.isEmpty ? "" : " at \(words.joined(separator: ", "))")
    }

    func speedSentence(_ slope: Estimate) -> String {
        let figure = "each doubling of \(factor) multiplies its speed-up by \(ratioText(slope))"
        guard let low = slope.low, let high = slope.high else {
            return "For \(subject), \(figure); no interval can be given."
        }
        let bounds = "(\(rangeText(slope)))"
        if low > 1 { return "The larger size gains more from \(subject): \(figure) \(bounds)." }
        if high < 1 { return "The larger size gains less from \(subject): \(figure) \(bounds)." }
        return "That the gain from \(subject) changes with \(factor) is not shown: \(figure) \(bounds)."
    }

    func energySentence(_ slope: Estimate) -> String {
        let figure = "each doubling of \(factor) multiplies its energy ratio by \(ratioText(slope))"
        guard let low = slope.low, let high = slope.high else {
            return "For \(subject), \(figure); no interval can be given."
        }
        let bounds = "(\(rangeText(slope)))"
        if high < 1 { return "The larger size saves more with \(subject): \(figure) \(bounds)." }
        if low > 1 { return "The larger size saves less with \(subject): \(figure) \(bounds)." }
        return "That the saving by \(subject) changes with \(factor) is not shown: \(figure) \(bounds)."
    }
}

/// The factor by which a doubling multiplies a ratio; `nil` where the runs tell no spread or there is one size.
private func slope(_ series: Series, _ figure: (Contrast) -> RatioInference?) -> Evidence? {
    let sizes = series.points.compactMap { $0.levels[series.factor].flatMap(Double.init) }
    let figures = series.points.compactMap { figure($0.contrast)?.logarithm }
    guard let line = trend(sizes.map { .log2($0) }, figures) else { return nil }
    return Evidence(RatioInference(logarithm: line.slope))
}

/// Every set of two or more comparisons that are alike in all but a factor, in plan order.
private func series(_ judgements: [Judgement], over factor: String) -> [Series] {
    var keys: [[String: String]] = []
    var groups: [[String: String]: [Judgement]] = [:]
    for judgement in judgements {
        var key = judgement.levels
        key[factor] = nil
        if groups[key] == nil { keys.append(key) }
        groups[key, default: []].append(judgement)
    }
    return keys.compactMap { groups[$0] }.filter { $0.count > 1 }.map { Series(factor: factor, points: $0) }
}

extension ExperimentRecord.Factor {
    /// Whether all levels are positive numbers, which can double.
    var isSize: Bool { levels.count > 1 && levels.allSatisfy { Double($0).map { $0 > 0 } ?? false } }
}

extension Judgement {
    /// The candidate's levels; empty of plain runs.
    var levels: [String: String] { contrast.candidate.first?.start.place?.levels ?? [:] }
}
