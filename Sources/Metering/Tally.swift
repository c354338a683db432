import Quantities

/// Variances and bounds as they gather over the windows of one channel, before they are the rows of a budget.
struct Tally {
    /// Variances of two ends, J².
    struct Ends {
        var age = 0.0
        var step = 0.0
        var stamp = 0.0
        /// Whether an end lies well between two readings, whose errors it averages.
        var isAveraged = false
    }

    var ends = Ends()
    /// Variance of what happened between samples of a power, J².
    var unseen = 0.0
    /// Variance of what a power lost in gaps, J², and their number.
    var lost = 0.0
    var gaps = 0
    /// Bound of what the power can do between the samples around the ends, J.
    var between = 0.0
    /// Bound of what an averaging window carries over the ends, J.
    var blurred = 0.0
    /// Time whose energy is unknown, s, and the bound of that energy, J.
    var unknown = 0.0
    var unknownJoules = 0.0
    /// Time in all, s.
    var length = 0.0
    var visits = 0

    mutating func add(_ more: Ends) {
        ends.age += more.age
        ends.step += more.step
        ends.stamp += more.stamp
        ends.isAveraged = ends.isAveraged || more.isAveraged
    }

    /// The rows, with a gain of the standard uncertainty `gain`, J.
    func budget(gain: Double, of part: UncertaintyBudget.Part) -> UncertaintyBudget {
        // Two ends make a triangle; four readings around them and many visits are near normal.
        let shape: UncertaintyBudget.Distribution = visits == 1 ? .triangular : .normal
        let averaged = ends.isAveraged ? .normal : shape
        return UncertaintyBudget([
            .init(part: part, standardUncertainty: Joules(gain), distribution: .normal, isShared: true),
            row(.updatePeriod, variance: ends.age, shape),
            row(.averagingWindow, variance: blurred * blurred / 3, .bound),
            row(.sampling, variance: between * between / 3, .bound),
            row(.sampling, variance: unseen, .normal),
            row(.timeStamps, variance: ends.stamp, averaged),
            row(.resolution, variance: ends.step, averaged),
            row(.gaps, variance: unknownJoules * unknownJoules / 3 + lost, gaps > 1 ? .normal : .uniform),
        ])
    }

    private func row(
        _ part: UncertaintyBudget.Part,
        variance: Double,
        _ distribution: UncertaintyBudget.Distribution
    ) -> UncertaintyBudget.Component {
        .init(part: part, standardUncertainty: Joules(variance.squareRoot()), distribution: distribution)
    }
}
