public import Ledger
internal import Metering
public import Quantities

/// A job's part of a shared node's energy, by two rules; neither is what the node's sensors measured.
public struct Attribution: Sendable, Hashable {
    /// Granted processors over those of the node.
    public var allocatedShare: Double
    /// The part of the node's processor time that the job used; `nil` where it is not known.
    public var processorTimeShare: Double?
    /// Where the job's processor time comes from.
    public var timeSource: String
    /// By granted processors.
    public var byAllocation: Joules
    /// By processor time, idle by granted processors; `nil` where that time is not known.
    public var byProcessorTime: Joules?
    /// Whether the node's idle power was known.
    public var usesIdle: Bool
}

/// The part of its node's energy that a job on a shared node answers for; `nil` where the node is its own.
///
/// GPUs that the job sees are its own. Of the rest `R` over a time `T`, with the granted share `s` and the share of
/// processor time `c`, the rules give `sR` and `c(R - P_idle T) + s P_idle T`; without idle power, `cR`. Over all jobs of a node
/// each rule's parts add up to `R` where their shares add up to 1.
public func attribution(of run: RunRecord, idle: IdlePower?) -> Attribution? {
    if let job = run.end?.job { return attribution(of: job) }
    guard let end = run.end, let share = end.surroundings?.share, share.processors < share.onlineProcessors,
        let total = end.account.total.joules, let time = run.duration
    else { return nil }
    let own = end.account.channels.filter { $0.channel.inTotal && $0.channel.device == .gpu }
        .compactMap { $0.joules?.value }.reduce(0, +)
    let rest = total.value - own
    let atRest = own == 0 ? idle.map { $0.watts * time } : nil
    let byTime = share.ofProcessorTime.map { part in
        Joules(own + part * (rest - (atRest ?? 0)) + share.allocated * (atRest ?? 0))
    }
    return Attribution(
        allocatedShare: share.allocated,
        processorTimeShare: share.ofProcessorTime,
        timeSource: share.source.rawValue,
        byAllocation: Joules(own + share.allocated * rest),
        byProcessorTime: byTime,
        usesIdle: atRest != nil
    )
}

/// The same of a job: its nodes' parts add up, those of nodes of its own whole; `nil` where all of them are.
private func attribution(of job: JobAccount) -> Attribution? {
    let nodes = job.nodes.compactMap { node in node.joules.map { (node: node, joules: $0.value) } }
    let all = nodes.reduce(0) { $0 + $1.joules }
    guard let shared = nodes.compactMap(\.node.share).first(where: { $0.processors < $0.onlineProcessors }), all > 0
    else { return nil }
    var (granted, timed) = (0.0, Double?(0))
    var usesIdle = true
    for (node, joules) in nodes {
        let parts = NodeDivision(node, joules: joules)
        granted += parts.byAllocation
        timed = timed.flatMap { sum in parts.byProcessorTime.map { sum + $0 } }
        usesIdle = usesIdle && (node.idleWatts != nil || node.share == nil)
    }
    return Attribution(
        allocatedShare: granted / all,
        processorTimeShare: timed.map { $0 / all },
        timeSource: shared.source.rawValue,
        byAllocation: Joules(granted),
        byProcessorTime: timed.map { Joules($0) },
        usesIdle: usesIdle
    )
}
