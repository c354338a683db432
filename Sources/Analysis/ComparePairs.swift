internal import Ledger

/// Two sides that are to be compared, with what is asked of them.
public struct ComparedPair: Sendable, Hashable {
    public var baseline: RunGroup
    public var candidate: RunGroup
    /// Whether runs of one block belong together.
    public var isPaired: Bool
    public var criteria: Criteria

    /// A pair; the arguments are the properties of the same names.
    public init(baseline: RunGroup, candidate: RunGroup, isPaired: Bool, criteria: Criteria = Criteria()) {
        self.baseline = baseline
        self.candidate = candidate
        self.isPaired = isPaired
        self.criteria = criteria
    }
}

/// Compares sides that each have a baseline of their own; all comparisons are adjusted for their number.
///
/// - Throws: Where a side has no run that counts.
public func compare(pairs: [ComparedPair]) throws(AnalysisError) -> [Comparison] {
    var contrasts: [Contrast] = []
    for pair in pairs {
        contrasts.append(
            try Contrast(
                baseline: pair.baseline.runs,
                candidate: pair.candidate.runs,
                labels: (pair.baseline.label, pair.candidate.label),
                names: (pair.baseline.name, pair.candidate.name),
                paired: pair.isPaired,
                criteria: pair.criteria,
                idle: nil
            )
        )
    }
    return judge(contrasts).map(\.comparison)
}
