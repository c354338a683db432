import GRDB
public import Metering

import class Foundation.FileManager

extension LedgerFile {
    /// A writer that cannot be looked up counts as dead after so many seconds without a sample.
    ///
    /// Longer than a sampler keeps what it cannot store.
    private static let longestSilence = 900.0

    /// Closes runs whose meter is gone with what is stored of them, and marks them interrupted.
    ///
    /// A run is left alone while the process that writes it lives. Where that cannot be seen from here, in another
    /// container or on another machine, it is left alone while samples come in.
    ///
    /// - Returns: The runs that were closed.
    @discardableResult
    public func recover(host: Host) throws -> [RunRecord] {
        var closed: [RunRecord] = []
        for id in try openRuns() {
            // What this version cannot read is left to the one that wrote it.
            guard let run = try? record(id) else { continue }
            let (traces, damaged) = try readableTraces(id)
            guard isAbandoned(run.start, traces, host: host) else { continue }
            let end = remains(of: run.start, traces, damaged)
            // Two meters that start side by side find the same run: the first one closes it.
            do {
                let isOurs = try change { database in
                    let sql = "SELECT count(*) FROM run_end WHERE run_id = ?"
                    guard try Int.fetchOne(database, sql: sql, arguments: [id]) == 0 else { return false }
                    try close(id, end, database)
                    return true
                }
                guard isOurs else { continue }
            } catch let error as LedgerError where error.code == .tooLarge {
                // One run that cannot be closed holds up no other.
                continue
            }
            removeMarks(of: run.start)
            closed.append(try record(id))
        }
        return closed
    }

    private func isAbandoned(_ start: RunStart, _ traces: [Trace], host: Host) -> Bool {
        let last = traces.compactMap(\.after.last).max() ?? start.start
        let isThisBoot = start.host.bootID == host.bootID
        if isThisBoot, let birth = start.writerBirth, birth.namespace == ProcessBirth.ownNamespace {
            return ProcessBirth(of: start.writerPID) != birth
        }
        if isThisBoot, start.writerBirth == nil, start.host.name == host.name {
            return ProcessBirth(of: start.writerPID) == nil
        }
        // No process outlives its machine's boot.
        if !isThisBoot, start.host.name == host.name { return true }
        let silence =
            isThisBoot
            ? Double(monotonicNow() - last) * 1e-9
            : Double(wallNow() - start.startedAt) * 1e-6 - Double(last - start.start) * 1e-9
        return silence > Self.longestSilence + 2 * start.interval
    }

    /// What can be said of a run from its samples and marks alone.
    func remains(of start: RunStart, _ traces: [Trace], _ damaged: [String]) -> RunEnd {
        let marks = start.marksPath.flatMap { try? Marks.read(path: $0) } ?? Marks()
        let end = max(start.start, traces.compactMap(\.before.last).max() ?? start.start)
        let regions = marks.regions(until: end)
        var warnings = ["The meter was killed: this run ends with its last stored sample."]
        warnings += marks.warnings(of: regions)
        warnings += damaged.map { "\($0) is damaged and was left out." }
        let energy = account(
            traces: traces,
            start: start.start,
            end: end,
            marks: marks,
            regions: regions,
            interval: Int64(start.interval * 1e9)
        )
        return RunEnd(
            state: .interrupted,
            exitStatus: nil,
            end: end,
            marks: marks,
            account: energy,
            metrics: marks.metrics,
            counts: energy.counts(with: marks.counts),
            info: marks.info,
            warnings: warnings + energy.warnings
        )
    }

    /// Removes the marks file that the dead meter left, and nothing else: a ledger from elsewhere may name any path.
    private func removeMarks(of start: RunStart) {
        guard let path = start.marksPath, path.hasSuffix("/wattbook-\(start.id).marks") else { return }
        try? FileManager.default.removeItem(atPath: path)
    }
}
