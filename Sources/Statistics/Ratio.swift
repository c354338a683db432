private import RealModule

/// The logarithm of a ratio of geometric means, `x` over `y`; its figures are exponentials of an ``Inference``.
public struct RatioInference: Sendable, Hashable {
    /// The estimate on the scale of natural logarithms.
    public var logarithm: Inference

    /// A ratio whose logarithm is known.
    public init(logarithm: Inference) {
        self.logarithm = logarithm
    }

    /// The ratio.
    public var value: Double { .exp(logarithm.value) }

    /// The interval of the ratio, always positive; `nil` where the data allow none.
    public func interval(alpha: Double = 0.05) -> ClosedRange<Double>? {
        logarithm.interval(alpha: alpha).map { Double.exp($0.lowerBound)...Double.exp($0.upperBound) }
    }

    /// The two-sided p-value against a ratio of 1.
    public var pValue: Double? { logarithm.pValue() }
}

/// Ratios that agree to this many parts count as equal: below it lies the rounding of logarithms.
let roundingOfLogarithms = 1e-12

/// The ratio of pairs, `x` over `y`, by t on the differences of logarithms.
///
/// `nil` where the counts differ or are zero, or a value is not positive and finite. Pairs of one and the same
/// ratio have no variance, and so no interval.
public func pairedRatio(_ x: [Double], _ y: [Double]) -> RatioInference? {
    guard let logX = logarithms(x), let logY = logarithms(y) else { return nil }
    return paired(logX, logY).map(withoutRounding)
}

/// The ratio of two samples, `x` over `y`, by Welch's t on logarithms; `nil` as in ``pairedRatio(_:_:)``.
public func welchRatio(_ x: [Double], _ y: [Double]) -> RatioInference? {
    guard let logX = logarithms(x), let logY = logarithms(y) else { return nil }
    return welch(logX, logY).map(withoutRounding)
}

func logarithms(_ values: [Double]) -> [Double]? {
    guard values.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    return values.map { Double.log($0) }
}

func withoutRounding(_ inference: Inference) -> RatioInference {
    guard let error = inference.standardError, error > roundingOfLogarithms else {
        return RatioInference(logarithm: Inference(value: inference.value))
    }
    return RatioInference(logarithm: inference)
}

/// The interval of a ratio of arithmetic means of independent samples, `x` over `y`.
///
/// `nil` where a side has fewer than two values, neither varies, or the denominator is not clearly apart from zero
/// (g >= 1: the interval would be unbounded). Degrees of freedom are Welch's for the difference x - r y.
/// Source: Fieller, J. R. Stat. Soc. B 16 (1954), 175-185.
public func fieller(_ x: [Double], _ y: [Double], alpha: Double = 0.05) -> (
    ratio: Double, interval: ClosedRange<Double>
)? {
    guard let meanX = mean(x), let meanY = mean(y), let varianceX = variance(x), let varianceY = variance(y),
        meanY != 0, alpha > 0, alpha < 1
    else { return nil }
    let a = varianceX / Double(x.count)
    let b = varianceY / Double(y.count)
    guard a + b > 0 else { return nil }
    let ratio = meanX / meanY
    let scaled = ratio * ratio * b
    let degrees = (a + scaled) * (a + scaled) / (a * a / Double(x.count - 1) + scaled * scaled / Double(y.count - 1))
    guard degrees > 0 else { return nil }
    let t = StudentT(degreesOfFreedom: degrees).upperQuantile(alpha / 2)
    let g = t * t * b / (meanY * meanY)
    guard g < 1 else { return nil }
    let root = t / meanY.magnitude * max(0, a + ratio * ratio * b - g * a).squareRoot()
    return (ratio, ((ratio - root) / (1 - g))...((ratio + root) / (1 - g)))
}
