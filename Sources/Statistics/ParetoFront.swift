/// Which way an objective is better.
public enum Direction: String, Sendable, Hashable, CaseIterable {
    /// Less is better: time, energy.
    case smaller
    /// More is better: quality.
    case larger
}

/// The indices of the points that no other point beats: none is as good in every objective and better in one.
///
/// A point has one number for each direction. Equal points stand together. A point with a number missing (NaN) or of
/// another count is neither on the front nor beats another. It judges figures as they stand, not their uncertainty.
/// Complexity: O(n²) comparisons.
public func paretoFront(_ points: [[Double]], directions: [Direction]) -> [Int] {
    let candidates = points.indices.filter { index in
        points[index].count == directions.count && !points[index].contains(where: \.isNaN)
    }
    let beats = { (one: [Double], other: [Double]) in
        var isBetter = false
        for (direction, (a, b)) in zip(directions, zip(one, other)) where a != b {
            guard (a < b) == (direction == .smaller) else { return false }
            isBetter = true
        }
        return isBetter
    }
    return candidates.filter { index in
        !candidates.contains { beats(points[$0], points[index]) }
    }
}
