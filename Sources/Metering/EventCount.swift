/// How often an event happened in the measured processes over a run.
public struct EventCount: Sendable, Codable, Hashable {
    /// The channel that counted.
    public var channel: Channel
    /// The key among a run's counts: the event's name, or the channel's where the workload uses that name itself.
    public var name: String
    /// Events between the run's start and end, in the channel's unit; `nil` where the readings allow no statement.
    public var count: Int?

    /// A count; the arguments are the properties of the same names.
    public init(channel: Channel, name: String, count: Int?) {
        self.channel = channel
        self.name = name
        self.count = count
    }

    /// What a reader of the counts must know; `nil` where there is nothing.
    var warning: String? {
        let event = channel.eventName
        if count == nil { return "\(event) is not counted: its readings are missing or fall." }
        if name != event { return "The workload counts \(event) itself; what \(channel.source) counted is \(name)." }
        return nil
    }
}

extension EventCount {
    init(_ channel: Channel, _ curve: CountCurve, _ run: Range<Int64>, taken: [String: Int]) {
        let event = channel.eventName
        self.init(channel: channel, name: taken[event] == nil ? event : channel.name, count: curve.count(in: [run]))
    }
}

extension Channel {
    /// The event's own name: `papi/PAPI_TOT_INS` counts `PAPI_TOT_INS`.
    var eventName: String {
        guard let slash = name.firstIndex(of: "/") else { return name }
        return String(name[name.index(after: slash)...])
    }
}

/// A running count as it grows with time: points from readings, straight lines between them.
///
/// The counted processes start and end with the run, so that the readings just outside it speak of its ends: those
/// before the start stand at it, those after the end likewise.
struct CountCurve {
    private var points: [(time: Int64, count: UInt64)] = []
    private var isBroken = false

    /// The curve of column `index` of a trace.
    init(_ trace: Trace, _ index: Int, run: Range<Int64>) {
        trace.forEachReading(of: index) { time, _, value in
            let time = min(max(time, run.lowerBound), run.upperBound)
            if let last = points.last {
                if value < last.count { isBroken = true }
                // Of readings before the start the last one counts, of those after the end as well.
                if last.time == time { points.removeLast() }
            }
            points.append((time, value))
        }
    }

    /// Events within the windows, to the nearest whole one; `nil` where readings are missing or fall.
    func count(in windows: [Range<Int64>]) -> Int? {
        guard !isBroken, points.count > 1 else { return nil }
        let sum = windows.reduce(0.0) { $0 + value(at: $1.upperBound) - value(at: $1.lowerBound) }
        return Int(exactly: sum.rounded())
    }

    /// Events since the first reading.
    private func value(at time: Int64) -> Double {
        var (low, high) = (0, points.count - 1)
        guard time > points[low].time else { return 0 }
        while high - low > 1 {
            let middle = (low + high) / 2
            if points[middle].time <= time { low = middle } else { high = middle }
        }
        let (a, b) = (points[low], points[high])
        let inside = min(1, Double(time - a.time) / Double(b.time - a.time))
        return Double(a.count - points[0].count) + inside * Double(b.count - a.count)
    }
}
