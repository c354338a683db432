import Quantities

/// The energy of one channel as it grows with time: points from readings, straight lines between them.
///
/// Energy is summed in whole units of the channel and converted once. A segment whose energy cannot be known
/// (a reset, an ambiguous step) adds no units; its time is kept apart. Points go by once: only the segments around
/// the instants that were asked for are kept, so that a long run needs no memory beside its readings.
struct EnergyCurve {
    /// One usable reading.
    struct Point {
        /// Middle of the read less the curve's ``shift``, ns.
        var time: Int64
        /// Half of the time that the read took, ns.
        var halfWidth: Int64 = 0
        /// Units since the first point.
        var units: Int128 = 0
        /// Time since the first point whose energy is unknown, ns.
        var unknown: Int64 = 0
        /// Variance since the first point of what happened unseen between samples, J² (power channels).
        var unseen: Double = 0
        /// Variance since the first point of what was lost in gaps, J² (power channels), and their number.
        var lost: Double = 0
        var gaps = 0
        /// The power that a gauge showed, W.
        var shown: Double = 0
    }

    /// Two neighbouring points.
    struct Segment {
        /// The place of the first in the row of all points.
        var ordinal: Int
        var from: Point
        var to: Point
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
    /// Whose error the gain is, and its relative standard uncertainty.
    let gain: (part: UncertaintyBudget.Part, relative: Double)
    /// The instants at which the curve can be asked, in order.
    let instants: [Int64]
    /// The segment around each instant.
    private(set) var segments: [Segment] = []
    /// How far before the first and after the last point the curve may be continued, ns.
    var reach: Int64 = 0
    /// The averaging window where it blurs a window's ends, ns, and the largest swing of the power behind it, W.
    var blur: Double = 0
    var blurredSwing: Double = 0
    /// Whether a gauge looks at only a part of each segment.
    var isPartial = false
    /// How far the points lie before their readings, ns: half of a gauge's window or of a counter's update period.
    var shift: Double = 0
    private(set) var first: Point?
    private(set) var last: Point?
    private(set) var count = 0
    /// Readings that there were; points are fewer where those are a counter's renewals.
    private(set) var readings = 0
    var holes: [Hole] = []
    /// The steps in which the counter passed its range, and those in which it was set anew.
    var wraps: [Range<Int64>] = []
    var resets: [Range<Int64>] = []
    var extremes: PowerExtremes

    /// The start of the line that goes on past the last point, and the one that comes after it.
    private var tail: Point?
    private var nextTail: Point?
    /// The first instant whose segment is not known yet.
    private var nextInstant: Int64?

    /// A curve without points yet; `nominal` is the usual time between readings, ns.
    ///
    /// - Parameter isAged: Whether a counter's value may be older than its point says.
    init(
        _ channel: Channel,
        joulesPerUnit: Double,
        resolution: Double,
        nominal: Int64,
        isAged: Bool = true,
        at instants: [Int64]
    ) {
        self.joulesPerUnit = joulesPerUnit
        self.resolution = resolution
        if case .energyCounter = channel.kind, isAged {
            updatePeriod = channel.updatePeriod.value * 1e9
        } else {
            updatePeriod = 0
        }
        gain = (channel.basis == .measured ? .calibration : .model, channel.relativeUncertainty)
        self.instants = instants
        extremes = PowerExtremes(
            joulesPerUnit: joulesPerUnit,
            updatePeriod: updatePeriod,
            resolution: resolution,
            nominal: nominal
        )
        segments.reserveCapacity(instants.count)
        nextInstant = instants.first
    }

    /// Whether anything can be said: two points, and energy between them.
    var isUsable: Bool {
        guard let first, let last else { return false }
        return last.units > first.units
    }

    /// The curve of column `index` of a trace, to be asked at `instants`, which are in order.
    static func make(_ trace: Trace, _ index: Int, nominal: Int64, at instants: [Int64]) -> EnergyCurve {
        var curve =
            switch trace.channels[index].kind {
            case .energyCounter: counter(trace, index, nominal: nominal, at: instants)
            case .power: power(trace, index, nominal: nominal, at: instants)
            case .eventCounter: preconditionFailure("a curve of energy of a channel that counts events")
            }
        curve.close()
        curve.readings = trace.columns[index].count { $0 != RawReading.missing }
        curve.addHoles(trace, index, nominal: nominal)
        curve.reach += nominal
        return curve
    }

    /// Takes the next reading.
    mutating func append(_ point: Point) {
        if let last {
            while let next = nextInstant, next < point.time {
                segments.append(Segment(ordinal: count - 1, from: last, to: point))
                nextInstant = segments.count < instants.count ? instants[segments.count] : nil
            }
        } else {
            first = point
        }
        extremes.add(point)
        moveTail(to: point)
        last = point
        count += 1
    }

    /// Keeps the tail two update periods long or longer, as a shorter one may hold a renewal too many or too few.
    ///
    /// A stretch with unknown energy has no power to go on with, so that the tail begins anew after it.
    private mutating func moveTail(to point: Point) {
        guard let last, let tail, let next = nextTail else {
            (self.tail, nextTail) = (point, point)
            return
        }
        if point.unknown != last.unknown {
            (self.tail, nextTail) = (last, point)
        } else if tail.unknown != point.unknown || Double(point.time - next.time) >= 2 * updatePeriod {
            (self.tail, nextTail) = (next, point)
        }
    }

    /// Gives the tail to all instants after the last point.
    private mutating func close() {
        if let tail, let last {
            let segment = Segment(ordinal: count - 1, from: tail, to: last)
            while segments.count < instants.count { segments.append(segment) }
        }
        extremes.close()
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
}

extension Trace {
    /// The middle one of the times between ticks, ns; of a long trace that of some four thousand of them.
    var nominalInterval: Int64 {
        guard count > 1 else { return 0 }
        let steps = stride(from: 1, to: count, by: max(1, count / 4096)).map { before[$0] - before[$0 - 1] }.sorted()
        return steps[steps.count / 2]
    }
}
