public import Carbon
public import Ledger
internal import Metering
public import Quantities

/// `SCI = (O + M) per R`: the grams of one unit of work (Software Carbon Intensity 1.1, ISO/IEC 21031:2024).
public struct SoftwareCarbonIntensity: Sendable, Hashable {
    /// R: `run`, the name of a count as `images`, or the path of a region as `train/epoch`.
    public var unit: String
    /// How many of them the run did.
    public var count: Int
    public var grams: GramsCO2e
    /// Expanded uncertainty (95 %).
    public var uncertainty: GramsCO2e
}

extension RunRecord {
    /// The rates of the run itself, of what its workload counted and of the regions that it entered more than once.
    ///
    /// None for a market-based account, which the standard excludes, and none without embodied carbon, which it demands.
    /// All of the run is shared out over its units: what a region does not hold is work for it too.
    public func softwareCarbonIntensity(_ account: CarbonAccount) -> [SoftwareCarbonIntensity] {
        guard account.account == CarbonAccount.location, account.embodied != nil, let end else { return [] }
        let events = Set((end.account.events ?? []).map(\.name))
        let counts = end.counts.filter { $0.value > 0 && !events.contains($0.key) }.sorted { $0.key < $1.key }
        let regions = end.account.regions.filter { $0.count > 1 }.map { ($0.path, $0.count) }
        return ([("run", 1)] + counts.map { ($0.key, $0.value) } + regions).map { unit, count in
            SoftwareCarbonIntensity(
                unit: unit,
                count: count,
                grams: account.total / Double(count),
                uncertainty: account.uncertainty / Double(count)
            )
        }
    }
}
