/// A straight line through points, by least squares; every figure of it comes with its standard error.
public struct Trend: Sendable, Hashable {
    /// The rise of y per unit of x.
    public let slope: Inference
    /// The share of the (weighted) variance of y that the line explains; `nil` where y does not vary.
    public let rSquared: Double?
    /// By how much the points scatter more than their standard errors say: √(χ²/(n - 2)); `nil` without such errors.
    public let birgeRatio: Double?

    private let points: [Point]
    private let centerX: Double
    private let centerY: Double
    private let weight: Double
    private let squares: Double

    struct Point: Sendable, Hashable {
        var x, y, weight, variance: Double
        /// Degrees of freedom of the variance; `nil` where all points share one variance.
        var degreesOfFreedom: Double?
    }

    /// The line at `x`, with the standard error of the line there (not of a new point); at 0 it is the intercept.
    public func value(at x: Double) -> Inference {
        inference(centerY + slope.value * (x - centerX)) { point in
            point.weight * (1 / weight + (x - centerX) / squares * (point.x - centerX))
        }
    }

    /// A figure that is the sum of coefficients times y, with degrees of freedom by Satterthwaite.
    ///
    /// Source: Satterthwaite, Biometrics Bull. 2 (1946), 110-114.
    private func inference(_ value: Double, _ coefficient: (Point) -> Double) -> Inference {
        Self.inference(value, points, coefficient)
    }

    private static func inference(_ value: Double, _ points: [Point], _ coefficient: (Point) -> Double) -> Inference {
        // Parts of the largest term, so that no square overflows or vanishes.
        let roots = points.map { coefficient($0).magnitude * $0.variance.squareRoot() }
        guard let largest = roots.max(), largest > 0 else { return Inference(value: value) }
        var sum = 0.0
        var denominator = 0.0
        for (point, root) in zip(points, roots) {
            let part = root / largest * (root / largest)
            sum += part
            if let degrees = point.degreesOfFreedom { denominator += part * part / degrees }
        }
        let shared = points.allSatisfy { $0.degreesOfFreedom == nil }
        return Inference(
            value: value,
            standardError: largest * sum.squareRoot(),
            degreesOfFreedom: shared ? Double(points.count - 2) : sum * sum / denominator
        )
    }

    init?(_ unscaled: [Point]) {
        let withErrors = unscaled.contains { $0.degreesOfFreedom != nil }
        let total = unscaled.reduce(0) { $0 + $1.weight }
        guard unscaled.count > 1, total > 0, total.isFinite else { return nil }
        let centerX = unscaled.reduce(0) { $0 + $1.weight / total * $1.x }
        let centerY = unscaled.reduce(0) { $0 + $1.weight / total * $1.y }
        let squares = unscaled.reduce(0) { $0 + $1.weight * ($1.x - centerX) * ($1.x - centerX) }
        let products = unscaled.reduce(0) { $0 + $1.weight * ($1.x - centerX) * ($1.y - centerY) }
        let heights = unscaled.reduce(0) { $0 + $1.weight * ($1.y - centerY) * ($1.y - centerY) }
        let rise = products / squares
        guard squares > 0, squares.isFinite, rise.isFinite, centerY.isFinite else { return nil }
        let residuals = unscaled.reduce(0) { sum, point in
            let residual = point.y - centerY - rise * (point.x - centerX)
            return sum + point.weight * residual * residual
        }
        let freedom = Double(unscaled.count - 2)
        // Residuals within the rounding of y are none.
        let isExact = freedom == 0 || residuals <= heights * 1e-28
        let scatter = isExact ? 0 : residuals / freedom
        points = unscaled.map { point in
            var scaled = point
            guard let degrees = point.degreesOfFreedom else {
                scaled.variance = scatter
                return scaled
            }
            let offset = point.x - centerX
            let leverage = min(1, point.weight / total + point.weight * offset * offset / squares)
            scaled.variance *= max(1, scatter) * (1 + 4 * (1 - leverage) / degrees)
            return scaled
        }
        rSquared = heights > 0 && heights.isFinite ? min(1, max(0, 1 - residuals / heights)) : nil
        birgeRatio = withErrors && freedom > 0 ? scatter.squareRoot() : nil
        slope = Self.inference(rise, points) { $0.weight * ($0.x - centerX) / squares }
        self.centerX = centerX
        self.centerY = centerY
        self.squares = squares
        weight = total
    }
}

/// The line of y on x by ordinary least squares, n - 2 degrees of freedom.
///
/// `nil` where the counts differ, a number is not finite, or x takes fewer than two values. Two points, or points on a
/// line, give it without standard errors. Source: Draper and Smith, Applied Regression Analysis (1998), chapter 1.
public func trend(_ x: [Double], _ y: [Double]) -> Trend? {
    guard x.count == y.count, (x + y).allSatisfy(\.isFinite) else { return nil }
    return Trend(zip(x, y).map { Trend.Point(x: $0, y: $1, weight: 1, variance: 1, degreesOfFreedom: nil) })
}

/// The line through figures that have standard errors of their own, such as the gains at several sizes.
///
/// Each weighs as 1/standard error². Where the points scatter more than their errors allow, all errors are widened by
/// the Birge ratio. An error is itself uncertain: it is widened by 1 + 4 (1 - leverage)/ν of its variance, half for the
/// noise that the weights bring in, half for the variance they hide. `nil` where a figure has no standard error, and as
/// of ``trend(_:_:)``. The coverage with few repeats is tabulated in this module's README. Sources: Aitken, Proc. R.
/// Soc. Edinb. 55 (1936), 42-48; Birge, Phys. Rev. 40 (1932), 207-227; Meier, Biometrics 9 (1953), 59-73 (there for a
/// mean, whose leverages are the shares of the weights).
public func trend(_ x: [Double], _ figures: [Inference]) -> Trend? {
    let errors = figures.compactMap(\.standardError)
    guard x.count == figures.count, errors.count == x.count, let smallest = errors.min(),
        x.allSatisfy(\.isFinite), figures.allSatisfy({ $0.value.isFinite })
    else { return nil }
    // Weights relative to the surest figure would not overflow, but the Birge ratio needs them as they are.
    guard (1 / smallest / smallest).isFinite else { return nil }
    return Trend(
        zip(x, figures).map { x, figure in
            let error = figure.standardError ?? 0
            return Trend.Point(
                x: x,
                y: figure.value,
                weight: 1 / error / error,
                variance: error * error,
                degreesOfFreedom: figure.degreesOfFreedom
            )
        }
    )
}
