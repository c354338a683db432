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
