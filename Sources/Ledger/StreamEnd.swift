/// Where the next samples of a stream go, and what of it is not yet gathered: what its writer knows without asking.
public struct StreamEnd: Sendable, Hashable {
    /// Ticks that are stored.
    private(set) var ticks: Int
    /// Rows of `chunk_recent`.
    private(set) var recentRows: Int
    /// The ticks in them.
    private(set) var recentTicks: Int

    /// The end of a stream of which nothing is stored.
    public init() { self.init(ticks: 0, recentRows: 0, recentTicks: 0) }

    init(ticks: Int, recentRows: Int, recentTicks: Int) {
        (self.ticks, self.recentRows, self.recentTicks) = (ticks, recentRows, recentTicks)
    }

    mutating func add(_ count: Int) {
        ticks += count
        recentRows += 1
        recentTicks += count
    }

    mutating func gathered() { (recentRows, recentTicks) = (0, 0) }
}
