import Quantities

/// The energy of one channel as it grows with time: points from readings, straight lines between them.
///
/// Energy is summed in whole units of the channel and converted once. A segment whose energy cannot be known
/// (a reset, an ambiguous step) adds no units; its time is kept apart.
struct EnergyCurve {
    /// One usable reading.
    struct Point {
        /// Middle of the read, ns.
        var time: Int64
        /// Half of the time that the read took, ns.
        var halfWidth: Int64
        /// Units since the first point.
        var units: Int128
        /// Time since the first point whose energy is unknown, ns.
        var unknown: Int64
        /// Variance since the first point of what happened unseen between samples, J² (power channels).
        var variance: Double
    }

    /// A stretch without readings or without an answer, ns.
    struct Hole {
        var from: Int64
        var to: Int64
        var reason: String
    }

    /// Joules of one unit.
    let joulesPerUnit: Double
    /// The step in which the source counts, J.
    let resolution: Double
    /// How long a value may be old, ns.
    let updatePeriod: Double
    /// How far before the first and after the last point the curve may be continued, ns.
    var reach: Int64 = 0
    /// The averaging window where it blurs a window's ends, ns.
    var blur: Double = 0
    var points: [Point] = []
    var holes: [Hole] = []
    /// The steps in which the counter passed its range, and those in which it was set anew.
    var wraps: [Range<Int64>] = []
    var resets: [Range<Int64>] = []
    /// Smallest and largest mean power that was seen, W; what the power is taken to stay within between samples.
    var powerRange: ClosedRange<Double> = 0...0
    /// Largest mean power that was seen, W.
    var maximumPower: Double?

    init(joulesPerUnit: Double, resolution: Double, updatePeriod: Seconds) {
        self.joulesPerUnit = joulesPerUnit
        self.resolution = resolution
        self.updatePeriod = updatePeriod.value * 1e9
    }

    /// Whether anything can be said: two points, and energy between them.
    var isUsable: Bool {
        guard let first = points.first, let last = points.last else { return false }
        return last.units > first.units
    }

    /// The curve of column `index` of a trace.
    static func make(_ trace: Trace, _ index: Int) -> EnergyCurve {
        let nominal = nominalInterval(trace)
        var curve =
            switch trace.channels[index].kind {
            case .energyCounter: counter(trace, index)
            case .power: power(trace, index, nominal: nominal)
            }
        curve.addHoles(trace, index, nominal: nominal)
        curve.reach += nominal
        curve.findPowerRange(nominal: nominal)
        return curve
    }

    /// The middle one of the times between ticks, ns.
    private static func nominalInterval(_ trace: Trace) -> Int64 {
        let steps = zip(trace.before.dropFirst(), trace.before).map { $0 - $1 }.sorted()
        return steps.isEmpty ? 0 : steps[steps.count / 2]
    }

    /// Missing readings, and ticks that came more than three intervals after the one before.
    private mutating func addHoles(_ trace: Trace, _ index: Int, nominal: Int64) {
        let column = trace.columns[index]
        var lastGood: Int?
        for i in 0..<trace.count {
            guard column[i] != RawReading.missing else { continue }
            let from = lastGood ?? 0
            let isLate = trace.before[i] - trace.before[from] > 3 * nominal
            if i > 0, lastGood != i - 1 {
                holes.append(Hole(from: trace.before[from], to: trace.before[i], reason: "missing"))
            } else if isLate {
                holes.append(Hole(from: trace.before[from], to: trace.before[i], reason: "late"))
            }
            lastGood = i
        }
        if let end = trace.before.last, lastGood != trace.count - 1 {
            holes.append(Hole(from: trace.before[lastGood ?? 0], to: end, reason: "missing"))
        }
        holes.sort { $0.from < $1.from }
    }

    /// Mean powers over stretches long enough that the age of a value does not make them.
    private mutating func findPowerRange(nominal: Int64) {
        let shortest = max(Int64(10 * updatePeriod), nominal / 2)
        var powers: [Double] = []
        var from = 0
        for i in points.indices.dropFirst() {
            let isLast = i == points.count - 1
            let unknown = points[i].unknown > points[i - 1].unknown
            if unknown {
                from = i
            } else if points[i].time - points[from].time >= shortest || (isLast && powers.isEmpty) {
                powers.append(meanPower(from, i))
                from = i
            }
        }
        guard let low = powers.min(), let high = powers.max() else { return }
        maximumPower = high
        // Too few to know the extremes: from nothing to twice the largest.
        powerRange = powers.count < 4 ? 0...(2 * high) : low...high
    }

    /// Mean power between two points, W.
    func meanPower(_ a: Int, _ b: Int) -> Double {
        let time = Double(points[b].time - points[a].time) / 1e9
        return time > 0 ? Double(points[b].units - points[a].units) * joulesPerUnit / time : 0
    }
}
