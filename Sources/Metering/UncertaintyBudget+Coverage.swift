public import Quantities

extension UncertaintyBudget {
    /// The share of the variance above which a uniform or triangular part is propagated with its own shape.
    private static let dominance = 0.6
    /// The share above which a bound that is met every time leaves less than 95 % within `k = 2`.
    private static let boundDominance = 0.05
    /// About 95 % where no part is far from normal (GUM 6.3.3).
    private static let coverageFactor = 2.0

    /// Half width of the symmetric interval that holds the truth with 95 %.
    ///
    /// `k = 2`, unless one part that is not normal dominates. Then that part is propagated with its shape and all
    /// others as one normal part: the distribution that draws after JCGM 101 approach, here in closed form
    /// (JCGM 101:2008, 5.2 prefers it where it exists). A bound is taken at its worst place, as no number of
    /// repetitions averages it out; several bounds may be met together, so they are summed.
    public var expanded: Joules {
        let bounds = components.filter { $0.distribution == .bound }
        let others = components.filter { $0.distribution != .bound }
        let rest = others.reduce(0) { $0 + $1.variance }
        let bound = bounds.reduce(0) { $0 + $1.standardUncertainty.value } * 3.0.squareRoot()
        if bound * bound / 3 > Self.boundDominance * (bound * bound / 3 + rest) {
            return Joules(CoverageInterval.bound(bound, normal: rest.squareRoot()))
        }
        if let largest = others.filter({ $0.distribution != .normal }).max(by: { $0.variance < $1.variance }),
            largest.variance > Self.dominance * variance
        {
            let normal = max(0, variance - largest.variance).squareRoot()
            let own = largest.standardUncertainty.value
            let isUniform = largest.distribution == .uniform
            return Joules(
                isUniform
                    ? CoverageInterval.uniform(own * 3.0.squareRoot(), normal: normal)
                    : CoverageInterval.triangular(own * 6.0.squareRoot(), normal: normal)
            )
        }
        return Self.coverageFactor * standardUncertainty
    }
}
