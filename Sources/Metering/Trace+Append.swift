extension Trace {
    /// Adds later samples of the same channels.
    public mutating func append(_ later: Trace) {
        before.append(contentsOf: later.before)
        after.append(contentsOf: later.after)
        for i in columns.indices where i < later.columns.count { columns[i].append(contentsOf: later.columns[i]) }
    }
}
