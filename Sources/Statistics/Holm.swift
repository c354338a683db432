/// What Holm's procedure makes of one p-value of a family.
public struct HolmDecision: Sendable, Hashable {
    /// The adjusted p-value: the smallest family-wise level at which this one is rejected.
    public var adjustedP: Double
    /// The level at which the procedure judged it; an interval at this level excludes "no difference" exactly
    /// where ``isRejected`` is true.
    public var alpha: Double
    public var isRejected: Bool
}

/// Holm's step-down adjustment of a family of p-values, in their order.
///
/// Entries without a p-value are no tests: they stay `nil` and do not count. The k-th smallest of m is judged at
/// alpha/(m - k + 1); after the first that stands, all others keep that one's level, so that no interval can
/// contradict its verdict. Every interval so made covers its own true value in at least 1 - alpha of all cases;
/// they do not cover all at once. Source: Holm, Scand. J. Statist. 6 (1979), 65-70.
public func holm(_ pValues: [Double?], alpha: Double = 0.05) -> [HolmDecision?] {
    let ranked = pValues.enumerated().compactMap { index, p in p.map { (index, $0) } }
        .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
    var decisions = [HolmDecision?](repeating: nil, count: pValues.count)
    var adjusted = 0.0
    var level = alpha
    var stopped = false
    for (rank, (index, p)) in ranked.enumerated() {
        let remaining = Double(ranked.count - rank)
        adjusted = max(adjusted, min(1, remaining * p))
        if !stopped {
            level = alpha / remaining
            stopped = p >= level
        }
        decisions[index] = HolmDecision(adjustedP: adjusted, alpha: level, isRejected: !stopped)
    }
    return decisions
}
