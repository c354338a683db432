internal import Quantities

/// A sentence that weakens a comparison, with its figure where others of its kind differ from it in that alone.
struct Weakness {
    /// What must be alike in weaknesses that are told as one.
    enum Kind: Hashable {
        /// Repeats for a half width of the energy ratio; the figure is their number.
        case repeats(halfWidth: Double, unit: String)
        /// A half width beyond the plan's; the figure is the half width.
        case width(limit: Double)
        /// Few runs a side; the figure is their number, negative, since fewest is worst.
        case few(limit: Int)
        /// The coverage of a bootstrap; the figure is the share, negative, since the least is worst.
        case coverage(opening: String, unit: String, limit: Int)
    }

    /// The figure of one comparison.
    struct Figure {
        var kind: Kind
        /// The comparison in words, as `bf16 at filters=16`.
        var subject: String
        /// The larger, the worse.
        var value: Double
        /// Repeats a side.
        var repeats: Int
    }

    var sentence: String
    /// `nil` where the sentence stands for itself.
    var figure: Figure?

    init(_ sentence: String, _ figure: Figure? = nil) {
        self.sentence = sentence
        self.figure = figure
    }
}

/// The sentences, in which those of one kind are one with the range of their figures, and the worst by name.
func folded(_ weaknesses: [Weakness], comparisons: Int) -> [String] {
    var groups: [Weakness.Kind: [Weakness]] = [:]
    for weakness in weaknesses { weakness.figure.map { groups[$0.kind, default: []].append(weakness) } }
    return weaknesses.compactMap { weakness in
        guard let kind = weakness.figure?.kind else { return weakness.sentence }
        // All are told where the first of them stood.
        guard let group = groups.removeValue(forKey: kind) else { return nil }
        guard Set(group.map(\.sentence)).count > 1 else { return weakness.sentence }
        return Fold(kind: kind, figures: group.compactMap(\.figure), comparisons: comparisons).sentence
    }
}

/// Several figures of one kind.
private struct Fold {
    var kind: Weakness.Kind
    var figures: [Weakness.Figure]
    var comparisons: Int

    var sentence: String {
        switch kind {
        case .repeats(let halfWidth, let unit):
            placed(
                "to know the energy ratio to \(chosenPercent(halfWidth)) takes about \(numbers) \(unit) of this spread"
                    + "\(worst("the most")); here are \(repeats)."
            )
        case .width(let limit):
            placed(
                "the half width is \(shares(places: 1)) of the ratio\(worst("the widest")), not the \(percent(limit)) "
                    + "that the plan wants; the plan's maximum of repeats is too small."
            )
        case .few(let limit):
            placed(
                "a side has \(numbers) runs\(worst("the fewest")); an interval from fewer than \(limit) rests on little."
            )
        case .coverage(let opening, let unit, let limit):
            "\(opening). With \(repeats) \(unit) bootstrap intervals hold the truth in about \(shares(places: 0)) of "
                + "cases\(worst("the least")), not 95 %; below \(limit) prefer the usual ones."
        }
    }

    /// The sentence after the number of comparisons that it is true of, where that is not all.
    private func placed(_ text: String) -> String {
        guard figures.count < comparisons else { return text.prefix(1).uppercased() + text.dropFirst() }
        return "In \(figures.count) of \(comparisons) comparisons \(text)"
    }

    private var sizes: [Double] { figures.map(\.value.magnitude).sorted() }
    private var numbers: String { range(sizes.map { decimal($0, places: 0) }) }
    private var repeats: String { range(figures.map(\.repeats).sorted().map(String.init)) }

    private func shares(places: Int) -> String {
        let words = sizes.map { decimal($0 * 100, places: places) }
        return range(words) + " %"
    }

    /// The comparison that the figure is worst in, in brackets; nothing where all are alike.
    private func worst(_ word: String) -> String {
        guard let most = figures.max(by: { $0.value < $1.value }), sizes.first != sizes.last else { return "" }
        return " (\(word): \(most.subject))"
    }

    /// The ends of words in order, as `3 to 175`; one where they are the same.
    private func range(_ words: [String]) -> String {
        guard let first = words.first, let last = words.last, first != last else { return words.first ?? "" }
        return "\(first) to \(last)"
    }
}
