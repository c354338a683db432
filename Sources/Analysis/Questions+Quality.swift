internal import Ledger
internal import Quantities

extension Questions {
    /// Did quality stay? `nil` where the plan judges none or no run tells the metric.
    var qualityAnswer: Answer? {
        guard let criterion = experiment.quality else { return nil }
        let alike = gains.filter { !$0.contrast.hasDifferentWork }
        if alike.isEmpty, !gains.isEmpty { return unasked(criterion) }
        let judged = zip(alike, qualities(of: alike.map(\.contrast))).compactMap { gain, quality in
            quality.map { (gain, $0) }
        }
        guard !judged.isEmpty else { return nil }
        let count = { (verdict: QualityVerdict) in judged.filter { $0.1.verdict == verdict }.count }
        let verdict: Answer.Verdict =
            count(.kept) == judged.count
            ? .yes : count(.lost) == judged.count ? .no : count(.kept) > 0 ? .partly : .notShown
        return Answer(
            question: .quality,
            factor: criterion.metric,
            title: "Did \(criterion.metric) stay?",
            verdict: verdict,
            sentence: sentence(judged.map { (subject($0.0), $0.1) }, criterion),
            region: nil,
            per: nil,
            basis: nil,
            figures: judged.map { gain, quality in
                Answer.Figure(
                    quantity: .qualityDifference,
                    subject: subject(gain),
                    reference: gain.contrast.names.baseline,
                    levels: gain.levels,
                    estimate: quality.difference,
                    algorithms: gain.algorithms,
                    margin: criterion.higherIsBetter ? -criterion.margin : criterion.margin
                )
            }
        )
    }

    /// Nets that learned from different numbers of images are not judged by what they learned.
    private func unasked(_ criterion: QualityCriterion) -> Answer {
        Answer(
            question: .quality,
            factor: criterion.metric,
            title: "Did \(criterion.metric) stay?",
            verdict: .notShown,
            sentence:
                "The arms learned from different numbers of images, so that their \(criterion.metric) is not compared.",
            region: nil,
            per: nil,
            basis: nil,
            figures: []
        )
    }

    private func sentence(_ judged: [(name: String, quality: Comparison.Quality)], _ criterion: QualityCriterion)
        -> String
    {
        let names = { (verdict: QualityVerdict) in judged.filter { $0.quality.verdict == verdict }.map(\.name) }
        let worst = judged.min { worth($0.quality, criterion) < worth($1.quality, criterion) }
        let margin = "the margin of \(criterion.margin)"
        var parts: [String] = []
        let kept = names(.kept).count
        if kept == judged.count {
            parts.append(
                kept == 1
                    ? "\(criterion.metric) is kept within \(margin)"
                    : "\(criterion.metric) is kept within \(margin) in all \(kept) combinations"
            )
        } else {
            if kept > 0 { parts.append("\(criterion.metric) is kept within \(margin) in \(kept) of \(judged.count)") }
            if !names(.lost).isEmpty { parts.append("it is lost beyond \(margin) by \(few(names(.lost)))") }
            if !names(.notShown).isEmpty {
                parts.append(
                    "that \(criterion.metric) is kept within \(margin) is not shown of \(few(names(.notShown)))"
                )
            }
        }
        if let worst {
            let difference = worst.quality.difference
            var text = "the worst difference is \(significant(difference.value, digits: 2))"
            if let low = difference.low, let high = difference.high {
                text += " (\(significant(low, digits: 2)) to \(significant(high, digits: 2)))"
            }
            parts.append(judged.count > 1 ? "\(text), of \(worst.name)" : text)
        }
        let values = judged.map(\.quality.baseline).sorted()
        if let least = values.first, let most = values.last {
            let (low, high) = (significant(least, digits: 2), significant(most, digits: 2))
            parts.append("\(single) alone reached \(low == high ? low : "\(low) to \(high)")")
        }
        return parts.joined(separator: "; ") + "."
    }

    private func worth(_ quality: Comparison.Quality, _ criterion: QualityCriterion) -> Double {
        criterion.higherIsBetter ? quality.difference.value : -quality.difference.value
    }

    /// Three names at most.
    private func few(_ names: [String]) -> String {
        guard names.count > 3 else { return series(names, or: false) }
        return names.prefix(2).joined(separator: ", ") + " and \(names.count - 2) more"
    }
}
