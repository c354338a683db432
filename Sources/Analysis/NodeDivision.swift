public import Ledger
internal import Metering
internal import Quantities

/// The joules of a node, divided among the job and the others on it: four parts that add up to the node's.
///
/// What stands still goes by what was granted, what moves by what was used; GPUs that the job sees are its own. With the
/// rest `R` of the node's joules over a time `T`, the granted share `s`, the share of processor time `c` and the idle
/// energy `I = min(R, P_idle T)`: the job has `c (R - I)` and `s I`, the others `(1 - c) (R - I)` and `(1 - s) I`.
public struct NodeDivision: Sendable, Hashable {
    /// The job's, above idle, with its GPUs; `nil` where the job's processor time is not known.
    public var job: Double?
    /// The others', above idle.
    public var others: Double?
    /// The job's part of the node at rest; `nil` without idle power.
    public var idleOfJob: Double?
    /// What of the node at rest was granted to others or to nobody.
    public var idleOfRest: Double?
    /// By granted processors alone: the rule that needs no processor time.
    public var byAllocation: Double

    /// The job's by processor time, idle by granted processors.
    public var byProcessorTime: Double? { job.map { $0 + (idleOfJob ?? 0) } }

    /// Divides joules of a node.
    ///
    /// - Parameters:
    ///   - joules: What the node's sensors saw, J.
    ///   - own: Joules of GPUs that are the job's alone.
    ///   - seconds: How long that took.
    ///   - idleWatts: The node's power at rest, W; `nil` where it is not known.
    ///   - granted: The job's part of the processors, 0 to 1.
    ///   - used: Its part of the processor time, 0 to 1; `nil` where it is not known.
    public init(joules: Double, own: Double, seconds: Double, idleWatts: Double?, granted: Double, used: Double?) {
        let rest = max(0, joules - own)
        // The idle power of a node with GPUs holds theirs, which cannot be told apart.
        let idle = own > 0 ? nil : idleWatts.map { min(rest, $0 * seconds) }
        byAllocation = own + granted * rest
        job = used.map { own + $0 * (rest - (idle ?? 0)) }
        others = used.map { (1 - $0) * (rest - (idle ?? 0)) }
        idleOfJob = idle.map { granted * $0 }
        idleOfRest = idle.map { (1 - granted) * $0 }
    }

    /// Divides the joules of a job's node; a node of its own is wholly the job's.
    public init(_ node: JobAccount.Node, joules: Double) {
        let share = node.share
        let isOwn = share.map { $0.processors >= $0.onlineProcessors } ?? true
        self.init(
            joules: joules,
            own: node.ownJoules.value,
            seconds: node.seconds,
            idleWatts: node.idleWatts,
            granted: isOwn ? 1 : share?.allocated ?? 1,
            used: isOwn ? 1 : share?.ofProcessorTime
        )
    }
}
