internal import Quantities
internal import Statistics

/// A figure with what makes it uncertain, apart: chance, which evens out over jobs, and what all jobs share.
public struct Amount: Sendable, Hashable {
    public var value: Double
    /// Half width of the 95 % interval that chance makes; `nil` where the runs tell none (one run, no spread).
    public var random: Double?
    /// Half width (95 %) of what all jobs share: the calibration of sensors, a factor that somebody gave.
    public var shared: Double
    /// Whether it may lie below zero, as a difference; what is used up may not.
    public var isSigned: Bool

    /// A figure that is known exactly, unless its half widths are given.
    public init(_ value: Double, random: Double? = 0, shared: Double = 0, isSigned: Bool = false) {
        self.value = value
        self.isSigned = isSigned
        self.random = random
        self.shared = shared
    }

    /// Half width of the whole 95 % interval; `nil` where chance is not known.
    public var halfWidth: Double? { random.map { ($0 * $0 + shared * shared).squareRoot() } }
    /// The interval's ends, where chance is known; of what is used up not below zero.
    public var low: Double? { halfWidth.map { isSigned ? value - $0 : max(0, value - $0) } }
    public var high: Double? { halfWidth.map { value + $0 } }

    /// The figure times an exact number.
    public func scaled(by factor: Double) -> Amount {
        Amount(
            value * factor,
            random: random.map { $0 * factor.magnitude },
            shared: shared * factor.magnitude,
            isSigned: isSigned
        )
    }

    /// The figure times a number that is itself known only to a relative half width (95 %), the same for all jobs.
    public func scaled(by factor: Double, relative: Double) -> Amount {
        var result = scaled(by: factor)
        let own = result.value * relative
        result.shared = (result.shared * result.shared + own * own).squareRoot()
        return result
    }

    /// Two figures from different runs: chance adds in squares, what is shared as it is.
    public static func + (a: Amount, b: Amount) -> Amount {
        let random = a.random.flatMap { x in b.random.map { (x * x + $0 * $0).squareRoot() } }
        return Amount(
            a.value + b.value,
            random: random,
            shared: a.shared + b.shared,
            isSigned: a.isSigned || b.isSigned
        )
    }

    /// Nothing.
    public static let zero = Amount(0)
}

/// What a job takes, and the sum over many jobs to come.
struct Sample {
    /// The mean of a job.
    var mean: Inference
    /// Standard deviation from job to job; `nil` where it is not known.
    var spread: Double?

    /// The mean of what was measured.
    init?(_ values: [Double]) {
        guard let mean = meanInference(values) else { return nil }
        self.mean = mean
        spread = standardDeviation(values)
    }

    /// A point of a line through what was measured, with the scatter about that line.
    init?(line x: [Double], _ y: [Double], at size: Double) {
        guard let line = trend(x, y), x.count > 2 else { return nil }
        mean = line.value(at: size)
        let residuals = zip(x, y).map { $1 - line.value(at: $0).value }
        spread = (residuals.reduce(0) { $0 + $1 * $1 } / Double(x.count - 2)).squareRoot()
    }

    /// The figure of one job: its mean with the mean's interval.
    func perJob(shared relative: Double) -> Amount {
        Amount(mean.value, random: half(times: 1, spread: 0), shared: mean.value.magnitude * relative)
    }

    /// The sum over jobs that are still to run: the mean is uncertain, and the jobs themselves will scatter.
    ///
    /// The variance of the sum is n² SE² + n s². Source: prediction intervals, Hahn and Meeker, Statistical Intervals
    /// (1991), section 4.7.
    func total(jobs: Int, shared relative: Double) -> Amount {
        let value = mean.value * Double(jobs)
        return Amount(value, random: half(times: Double(jobs), spread: spread), shared: value.magnitude * relative)
    }

    private func half(times count: Double, spread: Double?) -> Double? {
        guard let error = mean.standardError, let degrees = mean.degreesOfFreedom, let spread else { return nil }
        let variance = count * count * error * error + count * spread * spread
        return StudentT(degreesOfFreedom: degrees).upperQuantile(0.025) * variance.squareRoot()
    }
}
