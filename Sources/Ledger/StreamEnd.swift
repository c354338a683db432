/// Where the next samples of a stream go, and what of it is not yet gathered: what its writer knows without asking.
public struct StreamEnd: Sendable, Hashable {
    /// Ticks that are stored.
    private(set) var ticks: Int
    /// Rows of `chunk_recent`.
    private(set) var recentRows: Int
    /// The ticks in them.
    private(set) var recentTicks: Int

    /// Rows of `chunk_recent` that become one chunk: a minute and a half of a meter's transactions.
    private static let mostRows = 120
    /// Ticks that become one chunk before that; more would not make it smaller.
    private static let mostTicks = 4096

    /// The end of a stream of which nothing is stored.
    public init() { self.init(ticks: 0, recentRows: 0, recentTicks: 0) }

    init(ticks: Int, recentRows: Int, recentTicks: Int) {
        (self.ticks, self.recentRows, self.recentTicks) = (ticks, recentRows, recentTicks)
    }

    /// Whether the recent rows are to become a chunk.
    var isFull: Bool { recentRows >= Self.mostRows || recentTicks >= Self.mostTicks }

    mutating func add(_ count: Int) {
        ticks += count
        recentRows += 1
        recentTicks += count
    }

    mutating func gathered() { (recentRows, recentTicks) = (0, 0) }
}
