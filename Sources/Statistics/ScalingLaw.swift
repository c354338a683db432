/// A law of how the time of a parallel program changes with its units: threads, ranks or nodes.
public enum ScalingLaw: String, Sendable, Codable, Hashable, CaseIterable {
    /// T(n) = T(1) (s + (1 - s)/n) at work of a fixed size.
    ///
    /// Source: Amdahl, AFIPS Conf. Proc. 30 (1967), 483-485.
    case amdahl
    /// A scaled speed-up n T(1)/T(n) = n - s (n - 1) at work that grows with n.
    ///
    /// Source: Gustafson, CACM 31 (1988), 532-533.
    case gustafson
    /// A throughput n/(1 + σ (n - 1) + κ n (n - 1)): σ is contention, κ the cost of keeping all pairs coherent.
    ///
    /// With κ = 0 and work of a fixed size it is Amdahl's law with s = σ. Source: Gunther, Guerrilla Capacity Planning
    /// (2007), chapter 4.
    case universal

    /// Laws that suit work of a fixed size, or work that grows with the units; the simpler first.
    public static func laws(growing: Bool) -> [ScalingLaw] { [growing ? .gustafson : .amdahl, .universal] }

    /// Numbers that are fitted, the time of one unit among them.
    public var parameters: Int { self == .universal ? 3 : 2 }
    /// Different numbers of units that it takes: one more than there are parameters.
    public var fewestPoints: Int { parameters + 1 }

    /// The terms of g(n) = terms[0] + s terms[1] + κ terms[2], where log T = log T(1) + sign × log g.
    func terms(_ n: Double, growing: Bool) -> [Double] {
        switch self {
        case .amdahl: [1 / n, 1 - 1 / n]
        case .gustafson: [1, 1 / n - 1]
        case .universal: growing ? [1, n - 1, n * (n - 1)] : [1 / n, 1 - 1 / n, n - 1]
        }
    }

    var sign: Double { self == .gustafson ? -1 : 1 }
}
