import Ledger
import Metering
public import Quantities

/// What runs that are still to come will take, from those of the same arms that are done.
public struct Expectation: Sendable, Hashable {
    public var duration: Seconds
    /// `nil` where a run was without joules.
    public var energy: Joules?
    /// Whether a model stands behind the joules of any of those runs.
    public var isModelled: Bool

    /// The mean over done runs of an arm, warm-ups among them, for each step of that arm, and the rests between.
    ///
    /// An arm of which nothing is known counts as the mean of the others; `nil` where nothing is known at all.
    init?(steps: [Step], done: some Sequence<RunRecord>, cooldown: Int64, idle: Int64) {
        var known: [[String: String]: (time: Double, joules: Double?, count: Double)] = [:]
        for run in done where run.start.role != .idle {
            guard let levels = run.start.place?.levels, let time = run.duration else { continue }
            let joules = run.end?.account.total.joules?.value
            let sum = known[levels] ?? (0, 0, 0)
            known[levels] = (sum.time + time, sum.joules.flatMap { a in joules.map { a + $0 } }, sum.count + 1)
        }
        guard !known.isEmpty else { return nil }
        let means = known.mapValues {
            (time: $0.time / $0.count, joules: $0.joules.map { [count = $0.count] in $0 / count })
        }
        let typical = (
            time: means.values.reduce(0) { $0 + $1.time } / Double(means.count),
            joules: means.values.reduce(Double?(0)) { sum, mean in sum.flatMap { a in mean.joules.map { a + $0 } } }
                .map { $0 / Double(means.count) }
        )
        let rest = (
            time: Double(idle) * 1e-9, joules: typical.time > 0 ? typical.joules.map { $0 / typical.time } : nil
        )
        var (time, joules): (Double, Double?) = (Double(max(0, steps.count - 1)) * Double(cooldown) * 1e-9, 0)
        for step in steps {
            let mean =
                step.role == .idle ? (rest.time, rest.joules.map { $0 * rest.time }) : means[step.levels] ?? typical
            time += mean.0
            joules = joules.flatMap { sum in mean.1.map { sum + $0 } }
        }
        duration = Seconds(time)
        energy = joules.map { Joules($0) }
        isModelled = done.contains { ($0.end?.account.total.basis ?? .measured) != .measured }
    }
}
