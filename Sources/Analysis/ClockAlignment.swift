/// How far a wall clock is ahead of another, as two events tell that both machines had in common.
public struct ClockOffset: Sendable, Hashable {
    /// Seconds that the clock is ahead; negative behind.
    public var seconds: Double
    /// How far start and end disagree, seconds: what the two events did not have in common.
    public var spread: Double

    /// An offset and the disagreement of what told of it, in seconds.
    public init(seconds: Double, spread: Double) {
        self.seconds = seconds
        self.spread = spread
    }
}

/// When a step began and ended on one node, by that node's wall clock.
public struct StepTimes: Sendable, Hashable {
    /// Seconds since any instant that is the same for all nodes.
    public var start: Double
    /// `nil` where the node's end is not that of the step: its meter was killed.
    public var end: Double?

    /// The times of a step on one node, in seconds.
    public init(start: Double, end: Double?) {
        self.start = start
        self.end = end
    }
}

/// The offset of each node's clock from that of most nodes, from the common start and end of a step.
///
/// A clock that is ahead shows both the start and the end late by the same time. What only one of them shows is a node
/// that began late or ended early, and no offset: of the two differences from the median node the one nearer to zero
/// counts, and none where their signs differ. The median is the lower one, so that it is a clock that exists; of two
/// nodes it is that of the first.
public func clockOffsets(_ nodes: [StepTimes]) -> [ClockOffset] {
    guard nodes.count > 1 else { return nodes.map { _ in ClockOffset(seconds: 0, spread: 0) } }
    let start = typical(nodes.map(\.start)) ?? 0
    let end = typical(nodes.compactMap(\.end))
    return nodes.map { node in
        let late = node.start - start
        guard let end, let own = node.end else { return ClockOffset(seconds: late, spread: abs(late)) }
        let after = own - end
        guard late * after > 0 else { return ClockOffset(seconds: 0, spread: abs(late - after)) }
        return ClockOffset(seconds: abs(late) < abs(after) ? late : after, spread: abs(late - after))
    }
}

/// The lower median, but of two the first; `nil` of none.
private func typical(_ values: [Double]) -> Double? {
    guard values.count > 2 else { return values.first }
    return values.sorted()[(values.count - 1) / 2]
}
