public import Ledger
internal import Metering
internal import Quantities
internal import Statistics

/// The power that a machine draws while it does nothing.
public struct IdlePower: Sendable, Hashable {
    /// Mean power in watts.
    public var watts: Double
    /// Standard uncertainty in watts from the spread of several idle runs; `nil` where there is one.
    public var standardUncertainty: Double?
    /// Largest less smallest, over the mean.
    public var drift: Double
    /// The channels that were summed; `nil` where the power was given and not measured here.
    public var coverage: [String]?
    /// The idle runs that it comes from.
    public var runs: [String]

    /// Idle power; the arguments are the properties of the same names.
    public init(
        watts: Double,
        standardUncertainty: Double? = nil,
        drift: Double = 0,
        coverage: [String]? = nil,
        runs: [String] = []
    ) {
        self.watts = watts
        self.standardUncertainty = standardUncertainty
        self.drift = drift
        self.coverage = coverage
        self.runs = runs
    }

    /// Expanded uncertainty (95 %) in watts: by Student's t over the runs that were averaged; k = 2 for a power that
    /// was given.
    public var uncertainty: Double? {
        let factor = runs.count > 1 ? StudentT(degreesOfFreedom: Double(runs.count - 1)).upperQuantile(0.025) : 2
        return standardUncertainty.map { factor * $0 }
    }
}

/// The mean over the finished idle runs among `runs`; `nil` where none has joules or they differ in sensors.
public func idlePower(of runs: [RunRecord]) -> IdlePower? {
    let idle = runs.filter { $0.start.role == .idle && $0.state == .finished }
    let powers = idle.compactMap(\.meanPower)
    guard let center = mean(powers), center > 0, let low = powers.min(), let high = powers.max() else { return nil }
    let coverages = Set(idle.filter { $0.meanPower != nil }.map { $0.end?.account.total.coverage.sorted() ?? [] })
    guard coverages.count == 1 else { return nil }
    return IdlePower(
        watts: center,
        standardUncertainty: standardDeviation(powers).map { $0 / Double(powers.count).squareRoot() },
        drift: (high - low) / center,
        coverage: coverages.first,
        runs: idle.filter { $0.meanPower != nil }.map(\.id)
    )
}
