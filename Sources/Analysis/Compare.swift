public import Ledger

/// Runs that stand on one side of a comparison.
public struct RunGroup: Sendable, Hashable {
    /// What the document calls it.
    public var label: String
    /// What sentences call it, where the label says more than sets the sides apart.
    public var name: String
    public var runs: [RunRecord]

    /// A group; its name is its label where nobody says otherwise.
    public init(label: String, name: String? = nil, runs: [RunRecord]) {
        self.label = label
        self.name = name ?? label
        self.runs = runs
    }
}

/// Sets the runs of candidates beside a baseline's; all comparisons are adjusted for their number.
///
/// Only measurement runs that finished with status 0 count; findings name the others. Ratios are of geometric means,
/// with 95 % intervals from Student's t on logarithms, or from a bootstrap where the criteria ask for it.
/// - Parameters:
///   - paired: Whether runs of one block (else of one position) belong together.
///   - criteria: What is asked beyond the ratios.
///   - idlePower: The machine's idle power; where `nil` there is no net figure.
/// - Throws: Where a side has no run that counts.
public func compare(
    baseline: RunGroup,
    candidates: [RunGroup],
    paired: Bool,
    criteria: Criteria = Criteria(),
    idlePower: IdlePower? = nil
) throws(AnalysisError) -> [Comparison] {
    var contrasts: [Contrast] = []
    for candidate in candidates {
        contrasts.append(
            try Contrast(
                baseline: baseline.runs,
                candidate: candidate.runs,
                labels: (baseline.label, candidate.label),
                names: (baseline.name, candidate.name),
                paired: paired,
                criteria: criteria,
                idle: idlePower
            )
        )
    }
    return judge(contrasts).map(\.comparison)
}
