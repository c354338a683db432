internal import Ledger

/// So many comparisons are told a sentence each; more are summed up beside a table.
private let mostSentences = 3

/// Many comparisons in short: what sums them up, what a table of them calls them, and what no table holds.
///
/// ``Study/findings`` and ``Study/warnings`` say the same comparison by comparison.
public struct Digest: Sendable, Codable, Hashable {
    /// Two or three sentences about all comparisons: speed, energy and quality.
    public var summary: [String]
    /// What all comparisons share, as `bf16 beside fp32 at filters=16`.
    public var shared: String
    /// Every comparison by what sets it apart, in the order of ``Study/comparisons``.
    public var rows: [String]
    /// The intensity behind the grams, as `at the yearly life-cycle mean of ...`; `nil` where there are no grams.
    public var grid: String?
    /// What was found beyond the figures of such a table, a sentence each.
    public var findings: [String]
    /// What weakens the figures; of one kind there is one sentence, with the range and the worst.
    public var warnings: [String]
}

extension Digest {
    /// Sums up comparisons of one baseline; `nil` where they are few.
    ///
    /// `findings` are those on more than one comparison, `warnings` those of comparisons and those of runs.
    init?(
        _ judgements: [Judgement],
        findings: [String],
        warnings: (comparisons: [Weakness], runs: [String]),
        factors: [ExperimentRecord.Factor]
    ) {
        guard judgements.count > mostSentences else { return nil }
        let summing = Summing(judgements)
        let isShared = { (factor: ExperimentRecord.Factor) in
            Set(judgements.map { $0.levels[factor.name] }).count == 1
        }
        let apart = factors.filter { !isShared($0) }
        let place = summing.context(of: factors.filter(isShared))
        let grids = distinct(
            judgements.filter { $0.comparison.co2eSavedGramsPerRun != nil }.compactMap(\.contrast.carbon?.grid)
        )
        summary = summing.sentences
        shared = "\(summing.subject ?? "Each arm") beside \(summing.baseline)" + (place.map { " at \($0)" } ?? "")
        rows = judgements.map { label($0.levels, of: apart) }
        grid = grids.isEmpty ? nil : grids.joined(separator: " and ")
        self.findings = summing.further + findings
        self.warnings = distinct(
            folded(warnings.comparisons, comparisons: judgements.count) + [summing.powerSentence].compactMap(\.self)
                + warnings.runs
        )
    }
}

extension Estimate {
    /// Whether the whole interval lies above a value.
    public func isAbove(_ value: Double) -> Bool { low.map { $0 > value } ?? false }

    /// Whether the whole interval lies below a value.
    public func isBelow(_ value: Double) -> Bool { high.map { $0 < value } ?? false }
}
