public import Analysis
internal import Ledger
internal import Metering
internal import Quantities
internal import Statistics

/// What a line saves over the campaign against the means that it replaces.
///
/// Sums and differences of arithmetic means: a ratio of geometric means has no sum.
public struct Saving: Sendable {
    public var line: CostedLine
    public var baseline: Evidence
    /// All jobs of the line by the other means.
    public var instead: Resources
    /// The difference over all jobs; negative where the line costs more.
    public var saved: Resources
    /// Quality and verdict of the measured runs.
    public var comparison: Comparison?
    /// Differences of a run, before they are times jobs.
    private let differences: (hours: Inference?, joules: Inference?)

    init(_ line: CostedLine, instead baseline: Evidence, factors: Factors, book: EvidenceBook) throws {
        (self.line, self.baseline) = (line, baseline)
        var other = line.line
        other.insteadOf = nil
        instead = try CostedLine(other, evidence: baseline, factors: factors, book: book).total
        let pairs = Self.pairs(baseline.runs, line.evidence.runs)
        let runs = line.evidence.runs
        let difference = { (figure: (RunRecord) -> Double?) -> Inference? in
            let known = pairs.compactMap { a, b in figure(a).flatMap { x in figure(b).map { (x, $0) } } }
            let pairwise = known.count > 1 ? paired(known.map(\.0), known.map(\.1)) : nil
            // Pairs that all differ by the same tell nothing of chance, and the runs themselves do.
            if let pairwise, (pairwise.standardError ?? 0) > 1e-9 * pairwise.value.magnitude { return pairwise }
            return welch(baseline.runs.compactMap(figure), runs.compactMap(figure))
        }
        differences = (difference { $0.nodeHours }, difference { $0.wholeJoules })
        saved = instead
    }

    /// Works out what is saved; the intervals of several savings are a family, adjusted by Holm's procedure.
    static func judge(_ savings: inout [Saving], factors: Factors) {
        let hours = holm(savings.map { $0.differences.hours?.pValue() })
        let joules = holm(savings.map { $0.differences.joules?.pValue() })
        for index in savings.indices {
            let (saving, line) = (savings[index], savings[index].line)
            let calibration = (saving.baseline.runs + line.evidence.runs).map(\.calibration).max() ?? 0
            let amount = { (difference: Inference?, alpha: Double?, shared: Double) -> Amount? in
                difference.map { difference in
                    let range = difference.interval(alpha: alpha ?? 0.05)
                    return Amount(
                        difference.value,
                        random: range.map { ($0.upperBound - $0.lowerBound) / 2 },
                        shared: difference.value.magnitude * shared,
                        isSigned: true
                    ).scaled(by: Double(line.line.jobs))
                }
            }
            let saved = amount(saving.differences.hours, hours[index]?.alpha, 0) ?? .zero
            // What carries the figures to other nodes is as uncertain here as in the cost.
            savings[index].saved = factors.resources(
                jobs: line.line.jobs,
                nodeHours: saved.scaled(
                    by: line.timeScale,
                    relative: line.line.timeFactor?.relativeHalfWidth ?? 0
                ),
                nodeEnergy: amount(saving.differences.joules, joules[index]?.alpha, calibration)?.scaled(
                    by: line.energyScale,
                    relative: line.line.energyFactor?.relativeHalfWidth ?? 0
                )
            )
        }
    }

    /// The two sides for the comparison that judges quality.
    func pair(criteria: Criteria) -> ComparedPair {
        ComparedPair(
            baseline: RunGroup(label: baseline.reference, runs: baseline.runs),
            candidate: RunGroup(label: line.evidence.reference, runs: line.evidence.runs),
            isPaired: Self.pairs(baseline.runs, line.evidence.runs).count > 1,
            criteria: criteria
        )
    }

    /// Runs of one block of one experiment.
    private static func pairs(_ x: [RunRecord], _ y: [RunRecord]) -> [(RunRecord, RunRecord)] {
        let experiments = Set((x + y).map { $0.start.place?.experimentID })
        guard experiments.count == 1, experiments.first != .some(nil) else { return [] }
        let blocks = Dictionary(y.map { ($0.start.place?.block ?? 0, $0) }, uniquingKeysWith: { first, _ in first })
        let found = x.compactMap { run in blocks[run.start.place?.block ?? 0].map { (run, $0) } }
        return Set(found.map { $0.0.start.place?.block ?? 0 }).count == found.count ? found : []
    }
}
