public import Carbon
public import Ledger
public import Metering
internal import Quantities

/// The location-based grams of an energy reading; `nil` where it holds no joules or the settings name no zone.
///
/// See `carbonAccount(joules:uncertainty:settings:)` for the formula; throws for an unknown zone and factors below 1.
public func carbonAccount(
    energy: EnergyReading,
    settings: CarbonSettings
) throws(CarbonError) -> CarbonAccount? {
    guard let joules = energy.joules else { return nil }
    return try carbonAccount(joules: joules, uncertainty: energy.uncertainty, settings: settings)
}

extension RunRecord {
    /// The grams of the run under some settings, by the grid and by the contract; none where its joules are unknown.
    ///
    /// The node counts as reserved from spawn to reap.
    public func carbonAccounts(_ settings: CarbonSettings) throws(CarbonError) -> [CarbonAccount] {
        guard let total = end?.account.total, let joules = total.joules else { return [] }
        return try Carbon.carbonAccounts(
            joules: joules,
            uncertainty: total.uncertainty,
            duration: duration.map { Seconds($0 * nodesOfJoules) },
            settings: settings
        )
    }
}

extension RunRecord {
    /// Nodes whose joules the run has: sensors see their own, a batch system's accounting all of a past job.
    private var nodesOfJoules: Double {
        guard start.role == .imported else { return 1 }
        return start.job?.variables["SLURM_JOB_NUM_NODES"].flatMap { Double($0) } ?? 1
    }
}

/// Grams of many runs, whose factors are worked out once for all runs that share them.
///
/// `nil` where they must not be compared: where their frames differ, or one of them is unknown.
struct SharedCarbon {
    /// What all runs share, from the first of them.
    let settings: CarbonSettings
    private let rates: [CarbonSettings: CarbonRates]

    init?(_ runs: [RunRecord]) {
        let all = Set(runs.map(\.start.carbon))
        guard let first = runs.first?.start.carbon, Set(all.map(\.frame)).count == 1 else { return nil }
        settings = first
        var rates: [CarbonSettings: CarbonRates] = [:]
        for one in all { rates[one] = try? CarbonRates(one) }
        guard rates.count == all.count else { return nil }
        self.rates = rates
    }

    func operational(_ run: RunRecord) -> Double? { product(run.joules, rates[run.start.carbon]?.location) }
    func market(_ run: RunRecord) -> Double? { product(run.joules, rates[run.start.carbon]?.market) }
    func embodied(_ run: RunRecord) -> Double? { product(run.duration, rates[run.start.carbon]?.embodied) }

    /// Location-based grams with the embodied ones, where those are known.
    func total(_ run: RunRecord) -> Double? { operational(run).map { $0 + (embodied(run) ?? 0) } }
    /// Market-based grams with the embodied ones, where those are known.
    func marketTotal(_ run: RunRecord) -> Double? { market(run).map { $0 + (embodied(run) ?? 0) } }

    private func product(_ a: Double?, _ b: Double?) -> Double? { a.flatMap { a in b.map { a * $0 } } }
}
