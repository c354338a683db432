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

    init(_ line: CostedLine, instead baseline: Evidence, factors: Factors, book: EvidenceBook) throws {
        (self.line, self.baseline) = (line, baseline)
        var other = line.line
        other.insteadOf = nil
        instead = try CostedLine(other, evidence: baseline, factors: factors, book: book).total
        let jobs = Double(line.line.jobs)
        let pairs = Self.pairs(baseline.runs, line.evidence.runs)
        let difference = { (figure: (RunRecord) -> Double?, scale: Double, shared: Double) -> Amount? in
            let known = pairs.compactMap { a, b in figure(a).flatMap { x in figure(b).map { (x, $0) } } }
            let inference =
                known.count > 1
                ? paired(known.map(\.0), known.map(\.1))
                : welch(baseline.runs.compactMap(figure), line.evidence.runs.compactMap(figure))
            return inference.map { inference in
                let half = inference.interval().map { ($0.upperBound - $0.lowerBound) / 2 }
                return Amount(inference.value, random: half, shared: inference.value.magnitude * shared, isSigned: true)
                    .scaled(by: jobs * scale)
            }
        }
        let calibration = (baseline.runs + line.evidence.runs).map(\.calibration).max() ?? 0
        let hours = difference({ $0.nodeHours }, line.timeScale, 0) ?? .zero
        let joules = difference({ $0.wholeJoules }, line.energyScale, calibration)
        saved = factors.resources(jobs: line.line.jobs, nodeHours: hours, nodeEnergy: joules)
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
