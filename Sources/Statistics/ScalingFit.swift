private import RealModule

/// A law of scaling through measured times, by least squares on their logarithms.
///
/// Every run is a point of its own; all logarithms are taken to scatter alike. Where the points lie off the law by more
/// than their repeats scatter (p < 5 %), that distance decides on the standard errors, with its few degrees of freedom.
/// The parameters are not held within bounds: a serial fraction below zero is a program that gains more than its units.
/// Source of standard errors and of the test: Seber and Wild, Nonlinear Regression (1989), sections 2.1 and 2.2.
public struct ScalingFit: Sendable, Hashable {
    public let law: ScalingLaw
    /// Whether the work grew with the units.
    public let isGrowing: Bool
    /// The serial fraction s, of the universal law its contention σ.
    public let serialFraction: Inference
    /// κ of the universal law; `nil` of the others.
    public let coherency: Inference?
    /// The p-value of "the points lie on this law"; `nil` without repeats, or where they do not vary.
    public let lackOfFitP: Double?
    /// Akaike's criterion with the correction for few values, less is better; `nil` where there are too few.
    ///
    /// Source: Hurvich and Tsai, Biometrika 76 (1989), 297-307.
    public let criterion: Double?

    private let parameters: [Double]
    /// Without the variance of a logarithm.
    private let covariance: [[Double]]
    private let variance: Double
    private let degreesOfFreedom: Double

    /// The logarithm of the time at `n` units, with the standard error of the law there (not of a new run).
    public func logTime(at n: Double) -> Inference {
        let row = Self.row(law, isGrowing, n, parameters)
        return inference(row.value, row.slopes)
    }

    /// The logarithm of the number of units beyond which a fixed work takes longer; `nil` where the law has none.
    ///
    /// n = √((1 - σ)/κ), where the throughput of the universal law is largest.
    public var peakLogarithm: Inference? {
        guard law == .universal, parameters[2] > 0, parameters[1] < 1 else { return nil }
        let (sigma, kappa) = (parameters[1], parameters[2])
        return inference(0.5 * .log((1 - sigma) / kappa), [0, -0.5 / (1 - sigma), -0.5 / kappa])
    }

    private func inference(_ value: Double, _ slopes: [Double]) -> Inference {
        var sum = 0.0
        for i in slopes.indices { for j in slopes.indices { sum += slopes[i] * covariance[i][j] * slopes[j] } }
        return Inference(
            value: value,
            standardError: (max(0, sum) * variance).squareRoot(),
            degreesOfFreedom: degreesOfFreedom
        )
    }

    init?(_ law: ScalingLaw, units: [Double], logTimes: [Double], growing: Bool) {
        let distinct = Set(units).count
        guard distinct >= law.fewestPoints, units.count == logTimes.count,
            let solution = Self.solve(law, units, logTimes, growing)
        else { return nil }
        self.law = law
        isGrowing = growing
        (parameters, covariance) = (solution.parameters, solution.covariance)

        let count = Double(units.count)
        let residual = solution.squares
        let pure = Self.pureError(units, logTimes)
        let repeatsDegrees = count - Double(distinct)
        let offDegrees = Double(distinct - law.parameters)
        let residualDegrees = count - Double(law.parameters)
        // What is left within the rounding of logarithms is nothing.
        let isExact = (residual / count).squareRoot() < roundingOfLogarithms
        let isVaried = repeatsDegrees > 0 && (pure / count).squareRoot() > roundingOfLogarithms
        let off = max(0, residual - pure) / offDegrees
        lackOfFitP =
            isVaried
            ? FDistribution(numerator: offDegrees, denominator: repeatsDegrees).upperTail(off / (pure / repeatsDegrees))
            : nil
        let isOff = (lackOfFitP ?? 1) < 0.05
        variance = isExact ? 0 : isOff ? off : residual / residualDegrees
        degreesOfFreedom = isOff ? offDegrees : residualDegrees
        let fitted = Double(law.parameters + 1)
        criterion =
            isExact || count - fitted - 1 <= 0
            ? nil : count * .log(residual / count) + 2 * fitted + 2 * fitted * (fitted + 1) / (count - fitted - 1)
        let error = { [covariance, variance] (index: Int) in (covariance[index][index] * variance).squareRoot() }
        serialFraction = Inference(
            value: parameters[1],
            standardError: error(1),
            degreesOfFreedom: degreesOfFreedom
        )
        coherency =
            law == .universal
            ? Inference(value: parameters[2], standardError: error(2), degreesOfFreedom: degreesOfFreedom) : nil
    }

    /// The squares about the mean of each number of units.
    private static func pureError(_ units: [Double], _ values: [Double]) -> Double {
        Dictionary(grouping: units.indices) { units[$0] }.values.reduce(0) { sum, group in
            let own = group.map { values[$0] }
            return sum + (Statistics.variance(own) ?? 0) * Double(own.count - 1)
        }
    }

    /// The law's logarithm at `n`, and its slopes in the parameters.
    private static func row(
        _ law: ScalingLaw,
        _ growing: Bool,
        _ n: Double,
        _ parameters: [Double]
    ) -> (value: Double, slopes: [Double]) {
        let terms = law.terms(n, growing: growing)
        let g = terms[0] + zip(terms, parameters).dropFirst().reduce(0) { $0 + $1.0 * $1.1 }
        return (parameters[0] + law.sign * .log(g), [1] + terms.dropFirst().map { law.sign * $0 / g })
    }

    private struct Solution {
        var parameters: [Double]
        var covariance: [[Double]]
        var squares: Double
    }

    /// The method of Gauss and Newton from a program without a serial part; a step that does not help is halved.
    private static func solve(
        _ law: ScalingLaw,
        _ units: [Double],
        _ values: [Double],
        _ growing: Bool
    ) -> Solution? {
        let squares = { (parameters: [Double]) in
            zip(units, values).reduce(0) { sum, point in
                let residual = point.1 - row(law, growing, point.0, parameters).value
                return sum + residual * residual
            }
        }
        var parameters = [Double](repeating: 0, count: law.parameters)
        parameters[0] = zip(units, values).reduce(0) { sum, point in
            sum + (point.1 - row(law, growing, point.0, parameters).value) / Double(units.count)
        }
        var least = squares(parameters)
        for _ in 0..<200 {
            let rows = units.map { row(law, growing, $0, parameters) }
            guard let inverse = inverseOfSquares(rows.map(\.slopes)) else { return nil }
            let gradient = parameters.indices.map { index in
                zip(rows, values).reduce(0) { $0 + $1.0.slopes[index] * ($1.1 - $1.0.value) }
            }
            let step = inverse.map { zip($0, gradient).reduce(0) { $0 + $1.0 * $1.1 } }
            var part = 1.0
            var next = parameters
            repeat {
                next = zip(parameters, step).map { $0 + part * $1 }
                part /= 2
                // Outside of the law's domain the logarithm is not a number, and no comparison holds.
            } while !(squares(next) < least) && part > 1e-12
            let reached = squares(next)
            guard reached < least else { return Solution(parameters: parameters, covariance: inverse, squares: least) }
            (parameters, least) = (next, reached)
        }
        return nil
    }
}

/// The inverse of JᵀJ for rows of J, by the elimination of Gauss and Jordan; `nil` where its columns depend on each
/// other.
private func inverseOfSquares(_ rows: [[Double]]) -> [[Double]]? {
    let columns = 0..<(rows.first?.count ?? 0)
    // Columns of length one, so that units of thousands and fractions of millionths meet as equals.
    let lengths: [Double] = columns.map { column in
        rows.reduce(0.0) { $0 + $1[column] * $1[column] }.squareRoot()
    }
    guard lengths.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    let scaled: [[Double]] = rows.map { row in columns.map { row[$0] / lengths[$0] } }
    var matrix: [[Double]] = columns.map { i in
        let squares: [Double] = columns.map { j in scaled.reduce(0.0) { $0 + $1[i] * $1[j] } }
        return squares + columns.map { $0 == i ? 1.0 : 0.0 }
    }
    for pivot in columns {
        let best = (pivot..<columns.upperBound).max { matrix[$0][pivot].magnitude < matrix[$1][pivot].magnitude }
        matrix.swapAt(pivot, best ?? pivot)
        let divisor = matrix[pivot][pivot]
        guard divisor.magnitude > 1e-14 else { return nil }
        matrix[pivot] = matrix[pivot].map { $0 / divisor }
        for other in columns where other != pivot {
            let factor = matrix[other][pivot]
            matrix[other] = zip(matrix[other], matrix[pivot]).map { $0 - factor * $1 }
        }
    }
    return columns.map { i in
        columns.map { j in matrix[i][columns.upperBound + j] / (lengths[i] * lengths[j]) }
    }
}

/// A law through the times of runs at several numbers of units.
///
/// `nil` where there are too few different numbers (``ScalingLaw/fewestPoints``), the counts differ, or a number is not
/// positive and finite.
public func scalingFit(_ law: ScalingLaw, units: [Double], times: [Double], growing: Bool = false) -> ScalingFit? {
    guard units.allSatisfy({ $0 > 0 && $0.isFinite }), let logTimes = logarithms(times) else { return nil }
    return ScalingFit(law, units: units, logTimes: logTimes, growing: growing)
}

/// The law that the data carry: the universal one where its κ is shown to be above zero (5 %) and Akaike's criterion
/// prefers it, else the simpler; `nil` of none.
public func carried(_ fits: [ScalingFit]) -> ScalingFit? {
    guard let simple = fits.first(where: { $0.law != .universal }) else { return nil }
    guard let universal = fits.first(where: { $0.law == .universal }),
        let low = universal.coherency?.interval()?.lowerBound, low > 0,
        let better = universal.criterion, let worse = simple.criterion, better < worse
    else { return simple }
    return universal
}
