private import RealModule

/// The probability of a standard normal value up to `z`, with full relative accuracy in the lower tail.
func normalCumulative(_ z: Double) -> Double {
    0.5 * .erfc(-z / 2.0.squareRoot())
}

/// The standard normal value that is exceeded with probability `q`.
func normalUpperQuantile(_ q: Double) -> Double {
    StudentT(degreesOfFreedom: .infinity).upperQuantile(q)
}

/// The standard normal value that is not exceeded with probability `p`.
func normalQuantile(_ p: Double) -> Double {
    StudentT(degreesOfFreedom: .infinity).quantile(p)
}
