public import Quantities

/// What makes some joules uncertain, part by part, as the GUM wants it (JCGM 100:2008, 8).
///
/// Nothing is stored twice: the combined, the random and the expanded uncertainty all follow from the components.
public struct UncertaintyBudget: Sendable, Codable, Hashable {
    /// Where a part comes from.
    public enum Part: String, Sendable, Codable, Hashable, CaseIterable {
        /// The gain of the sensor.
        case calibration
        /// The coefficients of a model that stands in for a sensor.
        case model
        /// The age of a counter's value at both ends.
        case updatePeriod = "update-period"
        /// The window over which a sensor averages, where it reaches over an end.
        case averagingWindow = "averaging-window"
        /// What the power can do between two samples.
        case sampling
        /// The time that a reading took: its value is from some instant within.
        case timeStamps = "time-stamps"
        /// The step in which the source counts.
        case resolution
        /// Time for which there is no reading.
        case gaps
    }

    /// The shape in which a part may lie about its estimate.
    public enum Distribution: String, Sendable, Codable, Hashable {
        case normal
        /// Anywhere within a half width of `√3 u`.
        case uniform
        /// The sum of two equal uniform parts, as of two ends: a half width of `√6 u`.
        case triangular
        /// Never outside `√3 u`, but perhaps on it every time, as where a region begins with a step of power.
        case bound
    }

    /// One row of the budget.
    public struct Component: Sendable, Codable, Hashable {
        /// Where it comes from.
        public var part: Part
        /// Standard uncertainty, J.
        public var standardUncertainty: Joules
        /// Its shape.
        public var distribution: Distribution
        /// Whether all readings of one sensor share it, so that it cancels in ratios on that sensor.
        public var isShared: Bool

        /// A row; the arguments are the properties of the same names.
        public init(part: Part, standardUncertainty: Joules, distribution: Distribution, isShared: Bool = false) {
            self.part = part
            self.standardUncertainty = standardUncertainty
            self.distribution = distribution
            self.isShared = isShared
        }

        var variance: Double { standardUncertainty.value * standardUncertainty.value }
    }

    /// The rows, in the order of ``Part``; a part that is a bound in one respect and not in another has two.
    public var components: [Component]

    /// A budget of some rows; those of no size are left out.
    public init(_ components: [Component]) {
        let order = Part.allCases
        self.components = order.flatMap { part in
            components.filter { $0.part == part && $0.standardUncertainty.value > 0 }
        }
    }

    /// Standard uncertainty of the whole: independent parts in quadrature (GUM 5.1.2).
    public var standardUncertainty: Joules { Joules(variance.squareRoot()) }

    /// Standard uncertainty of what readings on one sensor do not share: what remains in a ratio.
    public var random: Joules { root(of: components.filter { !$0.isShared }) }

    /// Standard uncertainty of what they share.
    public var shared: Joules { root(of: components.filter(\.isShared)) }

    /// The fraction of the variance that a row makes up; 0 in a budget of no size.
    public func share(of component: Component) -> Double {
        variance > 0 ? component.variance / variance : 0
    }

    /// The fraction of the variance that each part makes up, the largest first.
    public var shares: [(part: Part, share: Double)] {
        Part.allCases.map { part in
            (part, components.filter { $0.part == part }.reduce(0) { $0 + share(of: $1) })
        }.filter { $0.share > 0 }.sorted { $0.share > $1.share }
    }

    var variance: Double { components.reduce(0) { $0 + $1.variance } }

    private func root(of some: [Component]) -> Joules {
        Joules(some.reduce(0) { $0 + $1.variance }.squareRoot())
    }
}
