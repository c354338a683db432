private import RealModule

/// Student's t distribution; with infinite degrees of freedom the normal one.
public struct StudentT: Sendable, Hashable {
    /// Degrees of freedom, a positive number; every result is NaN for another.
    public var degreesOfFreedom: Double

    /// A distribution with the given degrees of freedom; they need not be whole (Welch).
    public init(degreesOfFreedom: Double) {
        self.degreesOfFreedom = degreesOfFreedom
    }

    /// The probability of a value above `t`, with full relative accuracy far out.
    ///
    /// Source: half of I_x(ν/2, 1/2) at x = ν/(ν + t²), Abramowitz and Stegun 26.7.1.
    public func upperTail(_ t: Double) -> Double {
        guard degreesOfFreedom > 0, !t.isNaN else { return .nan }
        guard t >= 0 else { return 1 - upperTail(-t) }
        guard t.isFinite else { return 0 }
        // Beyond 1e10 degrees of freedom the normal distribution differs by less than 1e-10.
        guard degreesOfFreedom <= 1e10 else { return 0.5 * .erfc(t / 2.0.squareRoot()) }
        // u = t²/ν without overflow of t²; x = 1/(1 + u).
        let u = t / degreesOfFreedom * t
        guard u.isFinite else { return 0 }
        let x = 1 / (1 + u)
        return 0.5 * regularizedIncompleteBeta(x, degreesOfFreedom / 2, 0.5, complement: u * x)
    }

    /// The probability of a value up to `t`.
    public func cumulative(_ t: Double) -> Double {
        t > 0 ? 1 - upperTail(t) : upperTail(-t)
    }

    /// The density at `t`.
    public func density(_ t: Double) -> Double {
        guard degreesOfFreedom > 0 else { return .nan }
        guard degreesOfFreedom <= 1e10 else { return .exp(-t * t / 2) / (2 * Double.pi).squareRoot() }
        let nu = degreesOfFreedom
        let logDensity = -0.5 * .log(nu) - logBeta(nu / 2, 0.5) - (nu + 1) / 2 * .log(onePlus: t / nu * t)
        return .exp(logDensity)
    }

    /// The value that is exceeded with probability 1 - `p`; NaN outside 0 <= p <= 1.
    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return p < 0.5 ? -upperQuantile(p) : upperQuantile(1 - p)
    }

    /// The value that is exceeded with probability `q` <= 1/2, which keeps its digits far out in the tail.
    ///
    /// Newton's method on the logarithm of the tail, which bends one way only, held inside a bracket.
    public func upperQuantile(_ q: Double) -> Double {
        guard degreesOfFreedom > 0, q >= 0, q <= 1 else { return .nan }
        guard q <= 0.5 else { return -upperQuantile(1 - q) }
        guard q > 0 else { return .infinity }
        guard q < 0.5 else { return 0 }
        var low = 0.0
        var high = 1.0
        while upperTail(high) > q {
            low = high
            high *= 2
            guard high.isFinite else { return .infinity }
        }
        var t = (low + high) / 2
        for _ in 0..<200 {
            let tail = upperTail(t)
            if tail > q { low = t } else { high = t }
            let step = tail * .log(tail / q) / density(t)
            var next = t + step
            if !(next > low && next < high) { next = (low + high) / 2 }
            if (next - t).magnitude <= 2 * next.ulp { return next }
            t = next
        }
        return t
    }
}
