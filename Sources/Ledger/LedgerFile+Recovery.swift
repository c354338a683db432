import GRDB
public import Metering

extension LedgerFile {
    /// Closes runs whose meter is gone with what is stored of them, and marks them interrupted.
    ///
    /// A run is left alone while the process that writes it lives on this machine, or where it runs on another
    /// machine, whose processes cannot be seen from here.
    ///
    /// - Returns: The runs that were closed.
    @discardableResult
    public func recover(host: Host) throws -> [RunRecord] {
        let open = try query {
            try String.fetchAll(
                $0,
                sql: "SELECT id FROM run WHERE id NOT IN (SELECT run_id FROM run_end) ORDER BY started_at_us"
            )
        }
        var closed: [RunRecord] = []
        for id in open {
            let run = try record(id)
            guard isAbandoned(run.start, host: host) else { continue }
            try finish(id, try remains(of: run.start))
            closed.append(try record(id))
        }
        return closed
    }

    private func isAbandoned(_ start: RunStart, host: Host) -> Bool {
        guard start.host.bootID == host.bootID else { return start.host.name == host.name }
        return !FileSystem.isAlive(start.writerPID)
    }

    /// What can be said of a run from its samples and marks alone.
    private func remains(of start: RunStart) throws -> RunEnd {
        let (traces, damaged) = try readableTraces(start.id)
        let marks = start.marksPath.flatMap { try? Marks.read(path: $0) } ?? Marks()
        let end = max(start.start, traces.compactMap(\.before.last).max() ?? start.start)
        var warnings = ["The meter was killed: this run ends with its last stored sample."] + marks.warnings
        warnings += damaged.map { "\($0) is damaged and was left out." }
        let energy = account(traces: traces, start: start.start, end: end, marks: marks)
        return RunEnd(
            state: .interrupted,
            exitStatus: nil,
            end: end,
            marks: marks,
            account: energy,
            metrics: marks.metrics,
            counts: marks.counts,
            info: marks.info,
            warnings: warnings + energy.warnings
        )
    }
}
