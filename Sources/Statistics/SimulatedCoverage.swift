// What intervals that should cover the truth in 95 % of all cases reach with few log-normal values: figures of the
// table in this module's README, for a program to say where such an interval is chosen.

extension BootstrapRatio {
    /// The share of 95 % intervals of so few values that cover the truth, right to 1.5 %.
    ///
    /// For both methods, at the next smaller count of the table; `nil` of two values.
    public var simulatedCoverage: Double? {
        let table: KeyValuePairs =
            isPaired
            ? [30: 0.94, 20: 0.93, 12: 0.915, 8: 0.885, 5: 0.84, 3: 0.74]
            : [30: 0.94, 20: 0.935, 12: 0.925, 8: 0.915, 5: 0.875, 3: 0.81]
        return table.first { $0.key <= smallestCount }?.value
    }
}

/// Between what shares of 95 % Welch intervals cover the truth, by the count of the smaller side.
///
/// With two to four values it hangs on the other side's count and on both variances. From five on the interval keeps its
/// level, 94 to 96 %. `nil` below two values, where there is no interval.
public func simulatedWelchCoverage(smallestCount: Int) -> ClosedRange<Double>? {
    guard smallestCount > 1 else { return nil }
    return switch smallestCount {
    case 2: 0.87...0.98
    case 3: 0.92...0.97
    case 4: 0.93...0.97
    default: 0.94...0.96
    }
}
