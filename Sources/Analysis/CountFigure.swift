public import Ledger
public import Metering
internal import Quantities

/// A count of a run or a region beside the joules of its time.
public struct CountFigure: Sendable, Hashable {
    /// What was counted, as `images` or `PAPI_TOT_INS`.
    public var name: String
    /// How many; nanoseconds where ``unit`` says so.
    public var count: Int
    /// `ns` for a clock that was counted, else empty.
    public var unit: String
    /// Joules of the total for one of them; `nil` where either is not known or nothing was counted.
    public var joulesPerCount: Double?
    /// Floating-point operations for a joule, in units of 10^9; `nil` for counts of anything else.
    public var gflopPerJoule: Double? {
        guard Self.operations.contains(name), let joulesPerCount, joulesPerCount > 0 else { return nil }
        return 1e-9 / joulesPerCount
    }

    /// PAPI's presets that count operations, not instructions: double, single and any precision.
    private static let operations: Set<String> = ["PAPI_DP_OPS", "PAPI_SP_OPS", "PAPI_FP_OPS"]
}

extension RunRecord {
    /// All counts of the run, by name.
    public var countFigures: [CountFigure] {
        countFigures(end?.counts ?? [:], joules: end?.account.total.joules?.value)
    }

    /// The counts of one of its regions, by name.
    public func countFigures(of region: RegionEnergy) -> [CountFigure] {
        countFigures(region.counts, joules: region.joules?.value)
    }

    private func countFigures(_ counts: [String: Int], joules: Double?) -> [CountFigure] {
        let units = Dictionary(
            (end?.account.events ?? []).map { ($0.name, $0.channel.eventUnit) },
            uniquingKeysWith: { first, _ in first }
        )
        return counts.sorted { $0.key < $1.key }.map { name, count in
            CountFigure(
                name: name,
                count: count,
                unit: units[name] ?? "",
                joulesPerCount: count > 0 ? joules.map { $0 / Double(count) } : nil
            )
        }
    }
}

/// A count over the runs of an arm.
public struct CountSummary: Sendable, Codable, Hashable {
    /// How many in a run.
    public var count: Estimate
    /// `ns` for a clock that was counted, else empty.
    public var unit: String
    /// Joules of the total for one of them, run by run.
    public var joulesPerCount: Estimate?
    /// 10^9 floating-point operations for a joule; `nil` for counts of anything else.
    public var gflopPerJoule: Estimate?
}
