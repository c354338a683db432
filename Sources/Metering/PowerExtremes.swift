/// Smallest and largest mean power over stretches of a curve, found as its points go by.
struct PowerExtremes {
    /// The least length of a stretch, ns.
    let shortest: Int64
    let joulesPerUnit: Double
    /// How old a counter's value may be, ns, and its step, J: what can make equal powers look unlike.
    let updatePeriod: Double
    let resolution: Double
    private var from: EnergyCurve.Point?
    private var last: EnergyCurve.Point?
    private var stretches = 0
    private var low = Double.infinity
    private var high = -Double.infinity
    /// Largest mean less, and smallest mean plus, what age, step and width of the reads can do to it.
    private var surelyReached = -Double.infinity
    private var surelyLeft = Double.infinity
    /// Powers that a gauge showed, beside the means.
    private var shown: ClosedRange<Double>?

    /// Nothing seen yet; stretches are ten update periods and half an interval or longer.
    init(joulesPerUnit: Double, updatePeriod: Double, resolution: Double, nominal: Int64) {
        shortest = max(Int64(10 * updatePeriod), nominal / 2)
        self.joulesPerUnit = joulesPerUnit
        self.updatePeriod = updatePeriod
        self.resolution = resolution
    }

    /// Largest mean power of a stretch, W.
    var maximum: Double? { stretches > 0 ? high : nil }

    /// What the power is taken to stay within between samples, W.
    ///
    /// Too few stretches do not show the extremes: then from nothing to twice the largest. Means that differ no more
    /// than the readings themselves may err are those of one power.
    var range: ClosedRange<Double> {
        guard stretches > 0 else { return 0...0 }
        guard stretches >= 4 else { return 0...(2 * high) }
        if surelyReached <= surelyLeft, shown == nil { return (low + high) / 2...(low + high) / 2 }
        return min(low, shown?.lowerBound ?? low)...max(high, shown?.upperBound ?? high)
    }

    /// Takes the next point; a stretch with unknown energy has no mean.
    mutating func add(_ point: EnergyCurve.Point) {
        defer { last = point }
        guard let from, let last, point.unknown == last.unknown else {
            from = point
            return
        }
        guard point.time - from.time >= shortest else { return }
        take(from, point)
        self.from = point
    }

    /// Takes a power that a gauge showed.
    mutating func show(_ watts: Double) {
        guard let range = shown else {
            shown = watts...watts
            return
        }
        if !range.contains(watts) { shown = min(range.lowerBound, watts)...max(range.upperBound, watts) }
    }

    /// Of points too near to each other for any stretch, the last one is better than none.
    mutating func close() {
        if stretches == 0, let from, let last, last.time > from.time { take(from, last) }
    }

    private mutating func take(_ a: EnergyCurve.Point, _ b: EnergyCurve.Point) {
        let seconds = Double(b.time - a.time) / 1e9
        let watts = (b.units - a.units).asDouble * joulesPerUnit / seconds
        let slack = (updatePeriod + Double(a.halfWidth + b.halfWidth)) / 1e9
        let error = (watts * slack + resolution) / seconds
        surelyReached = max(surelyReached, watts - error)
        surelyLeft = min(surelyLeft, watts + error)
        low = min(low, watts)
        high = max(high, watts)
        stretches += 1
    }
}
