private import RealModule

/// The noncentral t distribution: a normal value about `noncentrality`, over the root of an independent χ²/ν.
///
/// Probabilities are right to 1e-11 absolute (checked against SciPy); far tails keep no relative accuracy.
public struct NoncentralT: Sendable, Hashable {
    /// Degrees of freedom ν, at least 0.01; every result is NaN for less.
    public var degreesOfFreedom: Double
    /// The mean of the normal value, in its standard deviations; results are NaN beyond 1,000 in magnitude.
    public var noncentrality: Double

    /// A distribution with the given degrees of freedom and noncentrality.
    public init(degreesOfFreedom: Double, noncentrality: Double) {
        self.degreesOfFreedom = degreesOfFreedom
        self.noncentrality = noncentrality
    }

    /// The probability of a value up to `t`.
    public func cumulative(_ t: Double) -> Double {
        mean(slope: t) { normalCumulative(t * $0 - noncentrality) }
    }

    /// The probability of a value above `t`.
    public func upperTail(_ t: Double) -> Double {
        mean(slope: t) { normalCumulative(noncentrality - t * $0) }
    }

    /// The mean of a normal probability over s = √(χ²/ν), its argument growing by `slope` times s.
    ///
    /// In u = ln s the integrand is analytic and falls off fast on both sides, so the trapezoidal rule converges
    /// exponentially; the weights are scaled to sum to 1. Sources: Johnson, Kotz and Balakrishnan, Continuous
    /// Univariate Distributions 2 (1995), chapter 31; Trefethen and Weideman, SIAM Review 56 (2014), 385-458.
    private func mean(slope t: Double, of probability: (Double) -> Double) -> Double {
        let nu = degreesOfFreedom
        guard nu >= 0.01, !t.isNaN, noncentrality.magnitude <= 1000 else { return .nan }
        guard nu <= 1e10, t.isFinite else { return probability(1) }
        // The width of the density of u, and the range outside which it is below e^-40 of its peak.
        let width = 1 / (2 * nu).squareRoot()
        let low = -min(40 / nu + 1, 9 * width + 40 / nu)
        let high = min(9 * width, 1 + 0.5 * .log(onePlus: 80 / nu))
        // The normal argument grows by so much per u where the probability is neither 0 nor 1.
        let slope = min(t.magnitude * .exp(high), noncentrality.magnitude + 8)
        let step = min(0.1, width / 2, 0.6 / max(slope, 1))
        let count = Int(((high - low) / step).rounded(.up))
        var sum = 0.0
        var total = 0.0
        for index in 0...count {
            let u = low + Double(index) * step
            let weight = Double.exp(nu * (u - Double.expMinusOne(2 * u) / 2))
            total += weight
            sum += weight * probability(.exp(u))
        }
        return sum / total
    }

    /// The noncentrality under which a value above `t` has probability `tail`; `nil` where there is none to find.
    ///
    /// It bounds the noncentrality from below, given an observed `t` and `tail` = alpha/2; from above with
    /// 1 - alpha/2. Source: Steiger and Fouladi (1997), in: What if there were no significance tests?, 221-257.
    static func noncentrality(of t: Double, degreesOfFreedom nu: Double, tail: Double) -> Double? {
        guard nu > 0, t.isFinite, tail > 0, tail < 1 else { return nil }
        // Far out the root over t is a constant plus a multiple of 1/t²: both from two roots nearer by.
        let reach = 200.0
        guard t.magnitude <= reach else {
            let near = t > 0 ? reach : -reach
            guard let one = noncentrality(of: near / 2, degreesOfFreedom: nu, tail: tail),
                let two = noncentrality(of: near, degreesOfFreedom: nu, tail: tail)
            else { return nil }
            let change = (two / near - 2 * one / near) / 3
            return t * (two / near + change * (1 - near / t * (near / t)))
        }
        var low = -1000.0
        var high = 1000.0
        let excess = { (delta: Double) in
            NoncentralT(degreesOfFreedom: nu, noncentrality: delta).upperTail(t) - tail
        }
        // Close about t first, where the wide bracket would be costly.
        var reachOut = 4.0
        while reachOut < 1000 {
            if t - reachOut > low, excess(t - reachOut) < 0 { low = max(low, t - reachOut) }
            if t + reachOut < high, excess(t + reachOut) > 0 { high = min(high, t + reachOut) }
            if low > -1000, high < 1000 { break }
            reachOut *= 2
        }
        guard low > -1000, high < 1000 else { return nil }
        while high - low > 1e-11 * max(1, low.magnitude, high.magnitude) {
            let middle = (low + high) / 2
            if excess(middle) < 0 { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
