/// Fisher's F distribution: a ratio of two variances of normal values.
public struct FDistribution: Sendable, Hashable {
    /// Degrees of freedom of the upper variance, a positive number.
    public var numerator: Double
    /// Degrees of freedom of the lower variance, a positive number.
    public var denominator: Double

    /// A distribution with the given degrees of freedom.
    public init(numerator: Double, denominator: Double) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// The probability of a value above `f`; NaN where a parameter is not positive.
    ///
    /// Source: I_x(ν2/2, ν1/2) at x = ν2/(ν2 + ν1 f), Abramowitz and Stegun 26.6.2.
    public func upperTail(_ f: Double) -> Double {
        guard numerator > 0, denominator > 0, !f.isNaN else { return .nan }
        guard f > 0 else { return 1 }
        let u = numerator / denominator * f
        guard u.isFinite else { return 0 }
        let x = 1 / (1 + u)
        return regularizedIncompleteBeta(x, denominator / 2, numerator / 2, complement: u * x)
    }
}
