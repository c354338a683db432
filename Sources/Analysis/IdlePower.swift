internal import Ledger
internal import Metering
internal import Quantities
internal import Statistics

/// The power of the machine doing nothing.
struct IdlePower: Hashable {
    /// Watts.
    var value: Double
    /// Standard uncertainty in watts from the spread of several idle runs; 0 where there is one.
    var uncertainty: Double
    /// Largest less smallest, over the mean.
    var drift: Double
    /// The channels that were summed; `nil` where the power was given and not measured here.
    var coverage: [String]?
}

/// The mean over the finished idle runs; `nil` where none has joules or they differ in sensors.
func idlePower(of runs: [RunRecord]) -> IdlePower? {
    let idle = runs.filter { $0.start.role == .idle && $0.state == .finished }
    let powers = idle.compactMap(\.meanPower)
    guard let center = mean(powers), center > 0, let low = powers.min(), let high = powers.max() else { return nil }
    let coverages = Set(idle.filter { $0.meanPower != nil }.map { $0.end?.account.total.coverage.sorted() ?? [] })
    guard coverages.count == 1 else { return nil }
    return IdlePower(
        value: center,
        uncertainty: (standardDeviation(powers) ?? 0) / Double(powers.count).squareRoot(),
        drift: (high - low) / center,
        coverage: coverages.first
    )
}
