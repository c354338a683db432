public import Ledger
public import Metering

/// Mean power of a job in equal steps over its time, W: the sum over its nodes, by the job's wall clock.
///
/// Each step and node is seen by one part alone, the one whose sensors were read in the step's middle.
///
/// - Parameters:
///   - run: The run of a job.
///   - parts: The parts that it was made of.
///   - traces: The samples of a part.
/// - Returns: Empty where no part has samples.
public func jobPowerProfile(
    of run: RunRecord,
    parts: [RunRecord],
    steps: Int,
    traces: (String) throws -> [Trace]
) rethrows -> [Double] {
    guard let job = run.end?.job, let duration = run.duration, duration > 0, steps > 0 else { return [] }
    let offsets = Dictionary(job.nodes.map { ($0.name, $0.clockOffset) }) { first, _ in first }
    let length = Int64(duration * 1e9)
    var (sum, hasPower) = ([Double](repeating: 0, count: steps), false)
    for (name, own) in Dictionary(grouping: parts, by: \.nodeName) {
        for window in JobNode.windows(own.sorted { $0.start.start < $1.start.start }) {
            // The job's start on the node's own clock.
            let late = window.part.wallStart - (offsets[name] ?? 0) - run.wallStart
            let start = window.part.start.start - Int64(late * 1e9)
            let power = powerProfile(
                traces: try traces(window.part.id),
                start: start,
                end: start + length,
                steps: steps
            )
            for (step, watts) in power.enumerated()
            where window.times.contains(start + length * Int64(2 * step + 1) / Int64(2 * steps)) {
                sum[step] += watts
                hasPower = true
            }
        }
    }
    return hasPower ? sum : []
}

/// What a job's nodes draw doing nothing, together, as a mean over the job's time; `nil` where one of them is not known.
///
/// - Parameters:
///   - run: The run of a job.
///   - idle: The idle power of a node of that name.
public func idlePower(ofJob run: RunRecord, _ idle: (String) throws -> IdlePower?) rethrows -> IdlePower? {
    guard let job = run.end?.job, let duration = run.duration, duration > 0 else { return nil }
    var sum = IdlePower(watts: 0, standardUncertainty: 0, coverage: [])
    for node in job.nodes where node.joules != nil {
        guard let own = try idle(node.name) else { return nil }
        // A node counts for as long as its joules do.
        let part = node.seconds / duration
        sum.watts += own.watts * part
        // Idle measurements of two nodes have no error in common but the gain, which acts on the difference.
        sum.standardUncertainty = sum.standardUncertainty.flatMap { before in
            own.standardUncertainty.map { (before * before + $0 * part * $0 * part).squareRoot() }
        }
        sum.drift = max(sum.drift, own.drift)
        sum.coverage = Set((sum.coverage ?? []) + (own.coverage ?? [])).sorted()
        sum.runs += own.runs
    }
    return sum.watts > 0 ? sum : nil
}
