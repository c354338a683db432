private import RealModule

/// How a bootstrap makes an interval of its replicates.
public enum BootstrapMethod: String, Sendable, Hashable, CaseIterable {
    /// The quantiles of the replicates as they stand.
    case percentile
    /// Quantiles shifted for bias and skewness (BCa).
    case biasCorrectedAccelerated
}

/// The bootstrap distribution of a ratio of geometric means, `x` over `y`.
///
/// It assumes no distribution, but knows no more than its values: below eight a side the interval is too narrow
/// (``isTooNarrow``); how often it then covers the truth is tabulated in this module's README. One seed gives one
/// sequence of draws on every machine; between C libraries only the last digit of a logarithm can differ.
/// Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 13 and 14.
public struct BootstrapRatio: Sendable, Hashable {
    /// The logarithm of the ratio in the data.
    public let logarithm: Double
    /// The logarithms of the resampled ratios, ascending.
    public let replicates: [Double]
    /// The number of values on the smaller side; of pairs, their number.
    public let smallestCount: Int
    /// Whether pairs were drawn, or each side for itself.
    public let isPaired: Bool
    let acceleration: Double

    /// The ratio in the data.
    public var value: Double { .exp(logarithm) }

    /// Whether there are too few values for the interval to come near its level: fewer than eight a side.
    public var isTooNarrow: Bool { smallestCount < 8 }

    /// The two-sided interval of the ratio that is to miss the true one with probability `alpha`.
    ///
    /// `nil` where it would ask for a quantile beyond the outermost of the replicates: take more of them.
    public func interval(
        alpha: Double = 0.05,
        method: BootstrapMethod = .biasCorrectedAccelerated
    ) -> ClosedRange<Double>? {
        guard alpha > 0, alpha < 1 else { return nil }
        let level = { (z: Double) in
            guard method == .biasCorrectedAccelerated else { return normalCumulative(z) }
            let shifted = bias + z
            // Beyond the pole of the transformation there is no quantile; Efron and Tibshirani (14.10).
            guard 1 - acceleration * shifted > 0 else { return z < 0 ? 0 : 1 }
            return normalCumulative(bias + shifted / (1 - acceleration * shifted))
        }
        let z = normalUpperQuantile(alpha / 2)
        let low = level(-z)
        let high = level(z)
        guard low >= resolution, high <= 1 - resolution, low <= high else { return nil }
        let lower = quantile(low)
        return .exp(lower) ... .exp(max(lower, quantile(high)))
    }

    /// The two-sided p-value against a ratio of 1: below a level exactly where that level's interval excludes 1.
    ///
    /// It is never below two parts in the number of replicates.
    public func pValue(method: BootstrapMethod = .biasCorrectedAccelerated) -> Double {
        let below = min(1 - resolution, max(resolution, fraction(below: 0)))
        guard method == .biasCorrectedAccelerated else { return min(1, 2 * min(below, 1 - below)) }
        // The transformation of `interval`, solved for z.
        let shift = normalQuantile(below) - bias
        guard 1 + acceleration * shift > 0 else { return 2 * resolution }
        let z = shift / (1 + acceleration * shift) - bias
        return max(2 * resolution, min(1, 2 * normalCumulative(-z.magnitude)))
    }

    /// The smallest probability that the replicates resolve.
    private var resolution: Double { 1 / Double(replicates.count) }

    /// The bias correction z0, ties by halves (Efron and Tibshirani, 14.14).
    private var bias: Double {
        let below = replicates.count { $0 < logarithm }
        let upTo = replicates.count { $0 <= logarithm }
        return normalQuantile(Double(below + upTo) / Double(2 * replicates.count))
    }

    /// The quantile by linear interpolation; type 7 of Hyndman and Fan, The American Statistician 50 (1996), 361-365.
    private func quantile(_ p: Double) -> Double {
        let position = p * Double(replicates.count - 1)
        let index = min(Int(position), replicates.count - 2)
        return replicates[index] + (position - Double(index)) * (replicates[index + 1] - replicates[index])
    }

    /// The inverse of ``quantile(_:)``.
    private func fraction(below number: Double) -> Double {
        guard let above = replicates.firstIndex(where: { $0 >= number }) else { return 1 }
        guard above > 0 else { return 0 }
        let step = replicates[above] - replicates[above - 1]
        return (Double(above - 1) + (number - replicates[above - 1]) / step) / Double(replicates.count - 1)
    }
}

/// The bootstrap of the ratio of pairs: whole pairs are drawn again.
///
/// `nil` where the counts differ, there are fewer than two pairs or 5,000 resamples, a value is not positive and
/// finite, or every pair has the same ratio.
public func bootstrapPairedRatio(
    _ x: [Double],
    _ y: [Double],
    resamples: Int = 10_000,
    seed: UInt64 = 1
) -> BootstrapRatio? {
    guard x.count == y.count, let logX = logarithms(x), let logY = logarithms(y) else { return nil }
    return bootstrap([zip(logX, logY).map { $0 - $1 }], resamples: resamples, seed: seed)
}

/// The bootstrap of the ratio of two samples: each side is drawn again for itself; `nil` as of pairs.
public func bootstrapRatio(
    _ x: [Double],
    _ y: [Double],
    resamples: Int = 10_000,
    seed: UInt64 = 1
) -> BootstrapRatio? {
    guard let logX = logarithms(x), let logY = logarithms(y) else { return nil }
    return bootstrap([logX, logY.map { -$0 }], resamples: resamples, seed: seed)
}

/// Resamples a sum of the means of independent sides.
private func bootstrap(_ sides: [[Double]], resamples: Int, seed: UInt64) -> BootstrapRatio? {
    guard resamples >= 5000, sides.allSatisfy({ $0.count > 1 }) else { return nil }
    var logarithm = 0.0
    var squares = 0.0
    var cubes = 0.0
    for side in sides {
        guard let center = mean(side) else { return nil }
        logarithm += center
        let count = Double(side.count)
        for value in side {
            let influence = (value - center) / count
            squares += influence * influence
            cubes += influence * influence * influence
        }
    }
    guard squares.squareRoot() > roundingOfLogarithms else { return nil }
    var generator = SplitMix64(seed: seed)
    var replicates: [Double] = []
    replicates.reserveCapacity(resamples)
    for _ in 0..<resamples {
        var replicate = 0.0
        for side in sides {
            var sum = 0.0
            for _ in side.indices { sum += side[generator.index(below: side.count)] }
            replicate += sum / Double(side.count)
        }
        // The same values in another order are a tie, whatever the rounding.
        replicates.append((replicate - logarithm).magnitude < roundingOfLogarithms ? logarithm : replicate)
    }
    replicates.sort()
    return BootstrapRatio(
        logarithm: logarithm,
        replicates: replicates,
        smallestCount: sides.map(\.count).min() ?? 0,
        isPaired: sides.count == 1,
        // For a sum of means the jackknife's acceleration is that of the influence values; Efron and Tibshirani 14.15.
        acceleration: cubes / (6 * squares * squares.squareRoot())
    )
}
