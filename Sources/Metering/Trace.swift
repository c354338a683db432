/// The readings of one probe group over a run, by column: what was read, and when.
///
/// `before.count == after.count == columns[i].count` for every channel `i`. Times are nanoseconds of
/// `CLOCK_MONOTONIC`, rounded to whole microseconds, and never decrease.
public struct Trace: Sendable, Hashable {
    /// The channels, in the order of ``columns``.
    public var channels: [Channel]
    /// Time just before each tick's reads.
    public var before: [Int64]
    /// Time just after each tick's reads.
    public var after: [Int64]
    /// Raw counts, one column a channel; `RawReading.missing` where there was none.
    public var columns: [[UInt64]]

    /// A trace; without samples an empty one.
    public init(channels: [Channel], before: [Int64] = [], after: [Int64] = [], columns: [[UInt64]]? = nil) {
        self.channels = channels
        self.before = before
        self.after = after
        self.columns = columns ?? Array(repeating: [], count: channels.count)
    }

    /// The number of ticks.
    public var count: Int { before.count }
}
