import Glibc

/// Half widths of the symmetric 95 % intervals of a bounded part plus a normal one.
enum CoverageInterval {
    private static let probability = 0.95

    /// A part anywhere within ±`halfWidth`, plus a normal part.
    static func uniform(_ halfWidth: Double, normal: Double) -> Double {
        scaled(halfWidth, normal) { x, sigma in
            (firstIntegral(x + 1, sigma) - firstIntegral(x - 1, sigma)) - 1
        }
    }

    /// A part within ±`halfWidth`, most often in the middle, plus a normal part.
    static func triangular(_ halfWidth: Double, normal: Double) -> Double {
        scaled(halfWidth, normal) { x, sigma in
            let sides = secondIntegral(x + 1, sigma) + secondIntegral(x - 1, sigma)
            return 2 * (sides - 2 * secondIntegral(x, sigma)) - 1
        }
    }

    /// A part that is `halfWidth` away every time, plus a normal part.
    static func bound(_ halfWidth: Double, normal: Double) -> Double {
        scaled(halfWidth, normal) { x, sigma in
            cumulative(x - 1, sigma) - cumulative(-x - 1, sigma)
        }
    }

    /// Solves `coverage(x, sigma) = 0.95` in units of the half width.
    private static func scaled(
        _ halfWidth: Double,
        _ normal: Double,
        coverage: (_ x: Double, _ sigma: Double) -> Double
    ) -> Double {
        guard halfWidth > 0, halfWidth.isFinite, normal.isFinite else { return max(halfWidth, 2 * normal) }
        let sigma = normal / halfWidth
        var (low, high) = (0.0, 1 + 3 * sigma)
        // 52 halvings reach the last digit of a double.
        for _ in 0..<52 {
            let middle = (low + high) / 2
            if coverage(middle, sigma) < probability { low = middle } else { high = middle }
        }
        return high * halfWidth
    }

    /// Probability of a normal value below `x`.
    private static func cumulative(_ x: Double, _ sigma: Double) -> Double {
        guard sigma > 0 else { return x < 0 ? 0 : 1 }
        return erfc(-x / (sigma * 2.0.squareRoot())) / 2
    }

    /// Its density times the variance.
    private static func weightedDensity(_ x: Double, _ sigma: Double) -> Double {
        guard sigma > 0 else { return 0 }
        return sigma * exp(-x * x / (2 * sigma * sigma)) / (2 * Double.pi).squareRoot()
    }

    /// Integral of ``cumulative(_:_:)`` up to `x`.
    private static func firstIntegral(_ x: Double, _ sigma: Double) -> Double {
        x * cumulative(x, sigma) + weightedDensity(x, sigma)
    }

    /// Integral of ``firstIntegral(_:_:)`` up to `x`.
    private static func secondIntegral(_ x: Double, _ sigma: Double) -> Double {
        ((x * x + sigma * sigma) * cumulative(x, sigma) + x * weightedDensity(x, sigma)) / 2
    }
}
