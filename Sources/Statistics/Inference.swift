/// A figure that follows Student's t about its true value: from it come intervals at any level, and p-values.
///
/// Without a standard error (one value, or values that do not vary) there is the figure and nothing else: no
/// interval is made up.
public struct Inference: Sendable, Hashable {
    /// The figure.
    public var value: Double
    /// Its standard error; `nil` where the data tell none.
    public var standardError: Double?
    /// Degrees of freedom of the standard error.
    public var degreesOfFreedom: Double?

    /// A figure; a standard error that is not positive counts as none.
    public init(value: Double, standardError: Double? = nil, degreesOfFreedom: Double? = nil) {
        self.value = value
        guard let standardError, let degreesOfFreedom, standardError > 0, standardError.isFinite, degreesOfFreedom > 0
        else { return }
        self.standardError = standardError
        self.degreesOfFreedom = degreesOfFreedom
    }

    /// The two-sided interval that misses the true value with probability `alpha`; `nil` without a standard error.
    public func interval(alpha: Double = 0.05) -> ClosedRange<Double>? {
        guard let standardError, let degreesOfFreedom, alpha > 0, alpha < 1 else { return nil }
        let half = StudentT(degreesOfFreedom: degreesOfFreedom).upperQuantile(alpha / 2) * standardError
        guard half.isFinite else { return nil }
        return (value - half)...(value + half)
    }

    /// The two-sided p-value against a true value of `null`; `nil` without a standard error.
    public func pValue(against null: Double = 0) -> Double? {
        upperTail(of: (value - null).magnitude).map { min(1, 2 * $0) }
    }

    /// The one-sided p-value of "no better than `-margin`"; a small one shows that nothing above the margin is lost.
    ///
    /// The figure is a difference, candidate minus baseline, of which more is better. Source: non-inferiority
    /// test, Schuirmann, J. Pharmacokin. Biopharm. 15 (1987), 657-680 (one of its two one-sided tests).
    public func nonInferiorityP(margin: Double) -> Double? {
        upperTail(of: value + margin)
    }

    private func upperTail(of difference: Double) -> Double? {
        guard let standardError, let degreesOfFreedom else { return nil }
        return StudentT(degreesOfFreedom: degreesOfFreedom).upperTail(difference / standardError)
    }
}

/// The mean of a sample with its standard error, n - 1 degrees of freedom; `nil` of nothing.
public func meanInference(_ values: [Double]) -> Inference? {
    guard let center = mean(values) else { return nil }
    guard let spread = standardDeviation(values) else { return Inference(value: center) }
    return Inference(
        value: center,
        standardError: spread / Double(values.count).squareRoot(),
        degreesOfFreedom: Double(values.count - 1)
    )
}

/// The difference of two means, `x` minus `y`, with unequal variances; `nil` where a side is empty.
///
/// One value on a side, or no variance on either, gives the difference without a standard error.
/// Source: Welch, Biometrika 34 (1947), 28-35.
public func welch(_ x: [Double], _ y: [Double]) -> Inference? {
    guard let meanX = mean(x), let meanY = mean(y) else { return nil }
    guard let varianceX = variance(x), let varianceY = variance(y) else { return Inference(value: meanX - meanY) }
    let a = varianceX / Double(x.count)
    let b = varianceY / Double(y.count)
    let degrees = (a + b) * (a + b) / (a * a / Double(x.count - 1) + b * b / Double(y.count - 1))
    return Inference(value: meanX - meanY, standardError: (a + b).squareRoot(), degreesOfFreedom: degrees)
}

/// The mean of the differences of pairs, `x` minus `y`; `nil` where the counts differ or are zero.
public func paired(_ x: [Double], _ y: [Double]) -> Inference? {
    guard x.count == y.count else { return nil }
    return meanInference(zip(x, y).map { $0 - $1 })
}
