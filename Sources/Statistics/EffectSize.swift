private import RealModule

/// A standardised difference with what its interval needs.
///
/// The interval is exact for normal values (unpaired: of equal variances): the observed t is inverted in its
/// noncentral distribution. Sources: Hedges, J. Educ. Stat. 6 (1981), 107-128; Steiger and Fouladi (1997).
public struct EffectSize: Sendable, Hashable {
    /// The difference in standard deviations, corrected for the bias of small samples.
    public let value: Double
    /// Degrees of freedom of the standard deviation.
    public let degreesOfFreedom: Double
    let t: Double
    /// t over the uncorrected effect.
    let scale: Double

    fileprivate init(difference: Double, deviation: Double, degreesOfFreedom: Double, scale: Double) {
        self.degreesOfFreedom = degreesOfFreedom
        self.scale = scale
        t = difference / deviation * scale
        value = smallSampleCorrection(degreesOfFreedom) * difference / deviation
    }

    /// The two-sided interval of the true effect; `nil` where it cannot be found.
    public func interval(alpha: Double = 0.05) -> ClosedRange<Double>? {
        guard
            let low = NoncentralT.noncentrality(of: t, degreesOfFreedom: degreesOfFreedom, tail: alpha / 2),
            let high = NoncentralT.noncentrality(of: t, degreesOfFreedom: degreesOfFreedom, tail: 1 - alpha / 2),
            low <= high
        else { return nil }
        return (low / scale)...(high / scale)
    }
}

/// Hedges' g of two samples: `x` minus `y` over the pooled standard deviation.
///
/// For ratios hand over logarithms. `nil` where a side is empty, fewer than three values are there, or neither side
/// varies.
public func hedgesG(_ x: [Double], _ y: [Double]) -> EffectSize? {
    let (x, y) = withoutUnit(x, y)
    guard let meanX = mean(x), let meanY = mean(y) else { return nil }
    let degrees = Double(x.count + y.count - 2)
    let squares = (variance(x) ?? 0) * Double(x.count - 1) + (variance(y) ?? 0) * Double(y.count - 1)
    let deviation = (squares / degrees).squareRoot()
    guard degrees > 0, deviation > roundingOfParts, deviation.isFinite, (meanX - meanY).isFinite else { return nil }
    let scale = (Double(x.count) / Double(x.count + y.count) * Double(y.count)).squareRoot()
    return EffectSize(difference: meanX - meanY, deviation: deviation, degreesOfFreedom: degrees, scale: scale)
}

/// The effect of pairs, d_z: the mean difference, `x` minus `y`, over the standard deviation of the differences.
///
/// Of the two usual ones (d_z, d_av) this one decides the power of the paired test and has an exact interval; it is
/// larger than ``hedgesG(_:_:)`` of the same values where pairing takes noise out, and not comparable with it.
/// Source: Lakens, Front. Psychol. 4 (2013), 863. `nil` where the counts differ, are below two, or all
/// differences are equal.
public func pairedEffectSize(_ x: [Double], _ y: [Double]) -> EffectSize? {
    guard x.count == y.count, x.count > 1 else { return nil }
    let (x, y) = withoutUnit(x, y)
    let differences = zip(x, y).map { $0 - $1 }
    guard let center = mean(differences), let deviation = standardDeviation(differences), deviation > roundingOfParts,
        deviation.isFinite, center.isFinite
    else { return nil }
    let count = Double(x.count)
    return EffectSize(
        difference: center,
        deviation: deviation,
        degreesOfFreedom: count - 1,
        scale: count.squareRoot()
    )
}

/// A standard deviation up to this, in parts of the largest value, is the rounding of differences.
private let roundingOfParts = 1e-15

/// Both samples in parts of their largest value, so that no square overflows or vanishes.
private func withoutUnit(_ x: [Double], _ y: [Double]) -> (x: [Double], y: [Double]) {
    let largest = max(x.map(\.magnitude).max() ?? 0, y.map(\.magnitude).max() ?? 0)
    guard largest > 0 else { return (x, y) }
    return (x.map { $0 / largest }, y.map { $0 / largest })
}

/// Hedges' exact correction: Γ(ν/2) / (√(ν/2) Γ((ν - 1)/2)), zero for one degree of freedom.
///
/// There the uncorrected effect has no mean, and the corrected one says nothing but zero.
private func smallSampleCorrection(_ nu: Double) -> Double {
    guard nu > 1 else { return 0 }
    // Γ(a) / Γ(a - 1/2) by the beta function, which does not overflow: B(a - 1/2, 1/2) = Γ(a - 1/2) √π / Γ(a).
    return Double.pi.squareRoot() / (.exp(logBeta(nu / 2 - 0.5, 0.5)) * (nu / 2).squareRoot())
}
