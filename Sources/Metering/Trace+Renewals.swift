extension Trace {
    /// What of a column makes the points of a curve.
    enum Instants {
        /// Every reading, at the time of the read.
        case reading
        /// Every change of a counter that is renewed each `period` ns, in the middle between the readings around it.
        case renewal(period: Int64)
    }

    /// Whether a column is read so much more often than its counter is renewed that the renewals themselves are seen.
    ///
    /// Their instants are then known to half of the time between two readings, while a plain reading may be a whole
    /// period old. They must be seen near both ends of the trace, or what lies beyond them would be guessed.
    func showsRenewals(of index: Int, every period: Int64, nominal: Int64) -> Bool {
        guard nominal > 0, period >= 4 * nominal else { return false }
        let longest = period + period / 5
        var (readings, changes) = (0, 0)
        var (first, last, previous): (Int64?, Int64?, UInt64?)
        var firstChange: Int64?
        var lastChange: Int64?
        forEachReading(of: index) { time, _, value in
            readings += 1
            if first == nil { first = time }
            last = time
            if let before = previous, before != value {
                changes += 1
                firstChange = firstChange ?? time
                lastChange = time
            }
            previous = value
        }
        guard changes >= 3, 2 * changes <= readings, let first, let last, let firstChange, let lastChange else {
            return false
        }
        return firstChange - first <= longest && last - lastChange <= longest
    }

    /// Hands out the points of a column in order, with the half width of their times.
    func forEach(_ kind: Instants, of index: Int, _ body: (_ time: Int64, _ halfWidth: Int64, _ value: UInt64) -> Void)
    {
        guard case .renewal(let period) = kind else { return forEachReading(of: index, body) }
        var previous: (time: Int64, value: UInt64)?
        var renewed: Int64?
        forEachReading(of: index) { time, halfWidth, value in
            defer { previous = (time, value) }
            guard let before = previous, before.value != value else { return }
            let middle = before.time + (time - before.time) / 2
            let width = (time - before.time) / 2 + halfWidth
            // A counter that showed the same for longer stood still until its last renewal but one. Nor is the renewal
            // before the first that was seen older than that.
            if renewed.map({ middle - $0 > period + period / 2 }) ?? true { body(middle - period, width, before.value) }
            body(middle, width, value)
            renewed = middle
        }
    }
}
