import Metering

extension LedgerFile {
    /// A run that was read in detail, with the courses of its metrics.
    ///
    /// Runs from before they were kept get them from their samples and marks.
    public func withCourses(_ run: RunRecord) throws -> RunRecord {
        guard var end = run.end, end.account.metrics == nil, !end.metrics.isEmpty else { return run }
        let marks = try record(run.start.id).end?.marks ?? Marks()
        let traces = try traces(run.start.id)
        end.account.metrics = account(traces: traces, start: run.start.start, end: end.end, marks: marks).metrics
        return RunRecord(start: run.start, end: end)
    }
}
