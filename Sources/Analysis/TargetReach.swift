public import Ledger
internal import Metering
public import Quantities

/// What the runs of an arm took until a metric first was at a value or beyond.
public struct TargetReach: Sendable, Codable, Hashable {
    /// The runs that count, and how many of them ever reached it.
    public var runs: Int
    public var reached: Int
    /// Seconds from the start, the mean over the runs; `nil` unless all reached it, since those that did are the best.
    public var duration: Estimate?
    /// Joules from the start, likewise; `nil` also where a run has none.
    public var energy: Estimate?

    /// What an arm took; the arguments are the properties of the same names.
    public init(runs: Int, reached: Int, duration: Estimate?, energy: Estimate?) {
        self.runs = runs
        self.reached = reached
        self.duration = duration
        self.energy = energy
    }

    /// Whether every run reached it.
    public var isComplete: Bool { reached == runs && runs > 0 }

    init(_ runs: [RunRecord], _ target: QualityTarget) {
        let found = runs.compactMap { $0.first(reaching: target) }
        self.init(runs: runs.count, reached: found.count, duration: nil, energy: nil)
        guard isComplete else { return }
        duration = estimate(found.map(\.seconds.value))
        let joules = found.compactMap(\.joules?.value)
        if joules.count == runs.count { energy = estimate(joules) }
    }
}

extension RunRecord {
    /// Seconds and joules until the target was first reached; `nil` where it never was, or the run does not know it.
    public func first(reaching target: QualityTarget) -> (seconds: Seconds, joules: Joules?)? {
        end?.account.metrics?.first { $0.metric == target.metric }?
            .first(reaching: target.value, higherIsBetter: target.higherIsBetter)
    }
}

extension ArmSummary {
    /// A sentence where some runs never reached the target; `nil` where all did.
    func missedSentence(_ target: QualityTarget) -> String? {
        guard let reach = self.target, !reach.isComplete else { return nil }
        return "\(label) reached \(target.words) in \(reach.reached) of \(reach.runs) runs, so no mean time and "
            + "energy to it are given."
    }
}
