/// At most `limit` of the points, by the extremes of equal stretches of x: no peak and no trough is lost.
///
/// A point whose y is not finite is a gap; it stays where a whole stretch has nothing else, so that a line is
/// broken where it was. The first and the last point stay. Needs `points` in ascending order of x and a limit of
/// at least 6; O(n).
public func thinned(_ points: [Point], limit: Int) -> [Point] {
    guard points.count > limit, limit >= 6, let first = points.first, let last = points.last, last.x > first.x else {
        return points
    }
    // Two points a stretch and the two ends.
    let stretches = (limit - 2) / 2
    let scale = Double(stretches) / (last.x - first.x)
    var result = [first]
    var index = 1
    while index < points.count - 1 {
        let stretch = min(stretches - 1, Int((points[index].x - first.x) * scale))
        var lowest = index
        var highest = index
        while index < points.count - 1, min(stretches - 1, Int((points[index].x - first.x) * scale)) == stretch {
            if !(points[lowest].y <= points[index].y), points[index].y.isFinite { lowest = index }
            if !(points[highest].y >= points[index].y), points[index].y.isFinite { highest = index }
            index += 1
        }
        result.append(points[min(lowest, highest)])
        if lowest != highest { result.append(points[max(lowest, highest)]) }
    }
    result.append(last)
    return result
}
