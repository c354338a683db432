public import Ledger
internal import Metering

/// The tag that holds together the runs of one idle measurement.
public let idleSeriesTag = "idle-series"

/// The idle measurement that belongs to some runs: of their host and their sensors, the last one before them.
///
/// Idle power that an experiment measured itself goes before; then nothing is added here. Where none was measured before
/// the runs, the first one after them serves.
///
/// - Parameters:
///   - runs: Runs of one host.
///   - idle: Idle runs of any host, as the ledger holds them.
/// - Returns: The runs of that measurement; empty where there is none, or where `runs` have their own.
public func idleBaseline(for runs: [RunRecord], among idle: [RunRecord]) -> [RunRecord] {
    guard !runs.contains(where: { $0.start.role == .idle && $0.state == .finished }),
        let first = runs.filter({ $0.joules != nil }).min(by: { $0.start.startedAt < $1.start.startedAt })
    else { return [] }
    let coverage = first.end?.account.total.coverage.sorted()
    let fitting = idle.filter { rest in
        rest.start.role == .idle && rest.state == .finished && rest.start.host.isSameMachine(as: first.start.host)
            && rest.joules != nil && rest.end?.account.total.coverage.sorted() == coverage
    }
    let series = Dictionary(grouping: fitting) { $0.start.tags[idleSeriesTag] ?? $0.id }.values
    let before = series.filter { ($0.map(\.start.startedAt).max() ?? 0) <= first.start.startedAt }
    let nearest =
        before.max { starts($0) < starts($1) } ?? series.min { starts($0) < starts($1) } ?? []
    return nearest.sorted { $0.start.startedAt < $1.start.startedAt }
}

private func starts(_ series: [RunRecord]) -> Int64 { series.map(\.start.startedAt).min() ?? 0 }

extension Host {
    /// Whether another description is of this machine, perhaps after another boot.
    func isSameMachine(as other: Host) -> Bool {
        name == other.name && cpu == other.cpu && cores == other.cores && memoryBytes == other.memoryBytes
    }
}
