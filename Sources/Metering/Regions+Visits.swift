extension Regions {
    /// The times of every region by its path, joined where they overlap and in order, ns of the marks' clock.
    public var visits: [(path: String, times: [Range<Int64>])] { regions.map { ($0.path, $0.visits) } }
}

/// How long some times last together, ns; where they overlap they count once.
public func length(ofUnion times: [Range<Int64>]) -> Int64 { union(times).reduce(0) { $0 + Int64($1.count) } }
