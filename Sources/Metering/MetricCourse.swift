public import Quantities

/// How a metric of the marks came to its extremes, and what the run had taken by then.
///
/// A point stands for every mark that was higher, or lower, than all before it: those alone say when a value was first
/// reached.
public struct MetricCourse: Sendable, Codable, Hashable {
    public var metric: String
    /// Seconds from the run's start to each point, in order.
    public var seconds: [Double]
    /// The metric at each point, in its own unit.
    public var values: [Double]
    /// Joules of the total from the run's start to each point; `nil` where the readings allow no statement.
    public var joules: [Double?]

    /// A course; the arguments are the properties of the same names, each with a member a point.
    public init(metric: String, seconds: [Double], values: [Double], joules: [Double?]) {
        self.metric = metric
        self.seconds = seconds
        self.values = values
        self.joules = joules
    }

    /// What it took until the metric first was at `value` or beyond; `nil` where it never was.
    public func first(reaching value: Double, higherIsBetter: Bool) -> (seconds: Seconds, joules: Joules?)? {
        values.firstIndex { higherIsBetter ? $0 >= value : $0 <= value }.map {
            (Seconds(seconds[$0]), joules[$0].map { Joules($0) })
        }
    }
}

/// The points of one metric before their joules are known.
struct MetricPoints {
    /// The most points of a metric, the last one apart.
    ///
    /// Of more extremes every second, fourth, ... stays, so that a target is found late by one of some five hundred
    /// steps at most.
    private static let most = 1024

    private var kept: [(time: Int64, value: Double)] = []
    /// The last extreme, where it is not kept: what was reached at all is never lost.
    private var latest: (time: Int64, value: Double)?
    private var range: ClosedRange<Double>?
    private var extremes = 0
    private var stride = 1

    var points: [(time: Int64, value: Double)] { kept + (latest.map { [$0] } ?? []) }

    fileprivate mutating func add(_ time: Int64, _ value: Double) {
        if let range, range.contains(value) { return }
        range = range.map { min($0.lowerBound, value)...max($0.upperBound, value) } ?? value...value
        latest = (time, value)
        defer { extremes += 1 }
        guard extremes % stride == 0 else { return }
        kept.append((time, value))
        latest = nil
        guard kept.count > Self.most else { return }
        kept = kept.indices.filter { $0 % 2 == 0 }.map { kept[$0] }
        stride *= 2
    }
}

extension Marks {
    /// The new extremes of every metric within the run, by name.
    func metricPoints(in run: Range<Int64>) -> [(metric: String, points: MetricPoints)] {
        var all: [String: MetricPoints] = [:]
        let order = marks.indices.sorted { (marks[$0].time, $0) < (marks[$1].time, $1) }
        for mark in order.lazy.map({ marks[$0] }) where run.contains(mark.time) || mark.time == run.upperBound {
            guard case .metric(let values) = mark.event else { continue }
            for (name, value) in values { all[name, default: MetricPoints()].add(mark.time, value) }
        }
        return all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
