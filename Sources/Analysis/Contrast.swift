internal import Carbon
internal import Ledger
internal import Metering
internal import Quantities
internal import Statistics

/// Two sides of runs with every inference about them, before any adjustment.
struct Contrast {
    /// The full labels, for the document.
    var labels: (baseline: String, candidate: String)
    /// What the sentences call the sides.
    var names: (baseline: String, candidate: String)
    /// Where the comparison stands, as `filters=16`; `nil` where there is one place only.
    var context: String?
    /// The runs that the figures are made of; in a paired design those of equal index are a pair.
    var baseline: [RunRecord]
    var candidate: [RunRecord]
    var isPaired: Bool
    var criteria: Criteria
    var idle: IdlePower?
    /// What was left out, a sentence each.
    var notes: [String]
    /// The runs without a partner in their block, which are left out.
    var unpaired: Set<String> = []

    /// Prepares the sides: drops what does not count, and pairs what belongs together.
    ///
    /// Pairs are the runs of one block of one experiment; else, in a paired design, those of equal position in
    /// sides of equal number. Throws where a side has no run left.
    init(
        baseline: [RunRecord],
        candidate: [RunRecord],
        labels: (String, String),
        names: (String, String)? = nil,
        context: String? = nil,
        paired: Bool,
        criteria: Criteria,
        idle: IdlePower?
    ) throws(AnalysisError) {
        self.labels = labels
        self.names = names ?? labels
        self.context = context
        self.criteria = criteria
        var (left, notes) = counting(baseline)
        let right = counting(candidate)
        notes += right.leftOut
        var sides = (left, right.runs)
        if sides.0.contains(where: { $0.joules != nil }), sides.1.contains(where: { $0.joules != nil }) {
            for run in sides.0 + sides.1 where run.joules == nil {
                notes.append("Run \(run.id) has no joules; it is left out.")
            }
            sides = (sides.0.filter { $0.joules != nil }, sides.1.filter { $0.joules != nil })
        }
        isPaired = paired
        if paired {
            if let pairs = pairs(sides.0, sides.1) {
                unpaired = Set((sides.0 + sides.1).map(\.id)).subtracting(pairs.flatMap { [$0.0.id, $0.1.id] })
                sides = (pairs.map(\.0), pairs.map(\.1))
            } else {
                isPaired = false
                notes.append("The runs do not form pairs; they are compared as independent samples.")
            }
        }
        guard !sides.0.isEmpty else { throw .noFinishedRun(of: labels.0) }
        guard !sides.1.isEmpty else { throw .noFinishedRun(of: labels.1) }
        left = sides.0
        self.baseline = left
        self.candidate = sides.1
        let coverage = left[0].end?.account.total.coverage.sorted()
        if let idle, let covered = idle.coverage, covered != coverage {
            notes.append("Idle power was read from other sensors than the runs; no net figure is given.")
            self.idle = nil
        } else {
            self.idle = idle
        }
        self.notes = notes
    }

    /// Candidate over baseline of a figure of the runs; `nil` where a side has none or it is not positive.
    func ratio(_ figure: (RunRecord) -> Double?) -> RatioInference? {
        let (x, y) = values(figure)
        return ratio(x, y)
    }

    /// The ratio of values that belong together as the design says, `x` over `y`.
    func ratio(_ x: [Double], _ y: [Double]) -> RatioInference? {
        guard !x.isEmpty, !y.isEmpty else { return nil }
        guard isPaired else { return welchRatio(x, y) }
        return criteria.until.map { twoStageRatio(x, y, firstStage: $0.firstStage) } ?? pairedRatio(x, y)
    }

    /// Candidate less baseline of a figure of the runs.
    func difference(_ figure: (RunRecord) -> Double?) -> Inference? {
        let (x, y) = values(figure)
        return isPaired ? paired(x, y) : welch(x, y)
    }

    /// The figures of the candidate and the baseline; of pairs only where both sides have one.
    func values(_ figure: (RunRecord) -> Double?) -> (candidate: [Double], baseline: [Double]) {
        guard isPaired else { return (candidate.compactMap(figure), baseline.compactMap(figure)) }
        let both = zip(candidate, baseline).compactMap { x, y in figure(x).flatMap { a in figure(y).map { (a, $0) } } }
        return (both.map(\.0), both.map(\.1))
    }

    /// The ratio of joules above idle, with the uncertainty of the idle power, which moves both sides together.
    var netEnergy: RatioInference? {
        guard let idle else { return nil }
        let net = { (run: RunRecord) in run.joules.flatMap { joules in run.duration.map { joules - idle.watts * $0 } } }
        guard let ratio = ratio(net), let error = ratio.logarithm.standardError else { return ratio(net) }
        let (x, y) = values(net)
        let (timesX, timesY) = values(\.duration)
        guard let netX = mean(x), let netY = mean(y), let timeX = mean(timesX), let timeY = mean(timesY) else {
            return ratio
        }
        let slope = timeY / netY - timeX / netX
        let shared = slope * (idle.standardUncertainty ?? 0)
        return RatioInference(
            logarithm: Inference(
                value: ratio.logarithm.value,
                standardError: (error * error + shared * shared).squareRoot(),
                degreesOfFreedom: ratio.logarithm.degreesOfFreedom
            )
        )
    }

    /// The candidate with the place of the comparison, as `bf16 at filters=16`.
    var subject: String { names.candidate + (context.map { " at \($0)" } ?? "") }

    /// All runs of both sides.
    var runs: [RunRecord] { baseline + candidate }
}

/// How many runs comparisons leave out for want of a partner, each counted once; `nil` where none.
func unpairedSentence(_ contrasts: [Contrast]) -> String? {
    let alone = contrasts.reduce(into: Set<String>()) { $0.formUnion($1.unpaired) }
    let all = alone.union(contrasts.flatMap { $0.runs.map(\.id) })
    guard !alone.isEmpty else { return nil }
    let (verb, whose) = alone.count == 1 ? ("is", "its") : ("are", "their")
    return
        "\(alone.count) of \(all.count) runs \(verb) left out of comparisons for want of a partner in \(whose) block."
}

/// Runs of one block side by side, in order of blocks; runs without a block by position.
///
/// `nil` where neither works.
private func pairs(_ x: [RunRecord], _ y: [RunRecord]) -> [(RunRecord, RunRecord)]? {
    let experiments = Set((x + y).map { $0.start.place?.experimentID })
    if experiments.count == 1, experiments.first != .some(nil) {
        let blocks = Dictionary(y.map { ($0.start.place?.block, $0) }) { first, _ in first }
        let found = x.compactMap { run in blocks[run.start.place?.block].map { (run, $0) } }
        let numbers = found.map { $0.0.start.place?.block }
        guard Set(numbers).count == numbers.count else { return nil }
        return found.sorted { ($0.0.start.place?.block ?? 0) < ($1.0.start.place?.block ?? 0) }
    }
    return x.count == y.count ? Array(zip(x, y)) : nil
}
