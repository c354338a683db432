import Charts
import Metering
import Quantities

/// The power of one channel over a run.
struct PowerCurve {
    var channel: Channel
    /// Seconds since the run's start and watts; a power that is not a number is a gap.
    var points: [Point]
}

/// Power over time of every channel of a trace, between `start` and `end` in nanoseconds of its clock.
///
/// A counter gives the mean power between two neighbouring readings, drawn at the middle of the two; a power
/// sensor gives its reading. A missing reading, a reset and a step above what the source can draw are gaps.
func powerCurves(_ trace: Trace, start: Int64, end: Int64?) -> [PowerCurve] {
    let middles = zip(trace.before, trace.after).map { $0 + ($1 - $0) / 2 }
    let energies = zip(trace.channels, trace.columns).filter { !$0.0.countsEvents }
    return energies.map { channel, column in
        var points: [Point] = []
        switch channel.kind {
        case .energyCounter(let joulesPerCount, let range):
            points = counterCurve(column, at: middles, joulesPerCount: joulesPerCount, range: range, channel, start)
        case .eventCounter: break
        case .power(let wattsPerCount, _):
            points = zip(middles, column).map { time, raw in
                let watts = raw == RawReading.missing ? Double.nan : Double(raw) * wattsPerCount
                return Point(x: Seconds(nanoseconds: time - start).value, y: watts)
            }
        }
        let last = end.map { Seconds(nanoseconds: $0 - start).value } ?? .infinity
        return PowerCurve(channel: channel, points: points.filter { $0.x >= 0 && $0.x <= last })
    }
}

private func counterCurve(
    _ column: [UInt64],
    at times: [Int64],
    joulesPerCount: Double,
    range: UInt64?,
    _ channel: Channel,
    _ start: Int64
) -> [Point] {
    var points: [Point] = []
    points.reserveCapacity(column.count)
    var previous: (time: Int64, raw: UInt64)?
    for (time, raw) in zip(times, column) {
        guard raw != RawReading.missing else {
            points.append(Point(x: Seconds(nanoseconds: time - start).value, y: .nan))
            continue
        }
        defer { previous = (time, raw) }
        guard let last = previous, time > last.time else { continue }
        let counts = raw >= last.raw ? raw - last.raw : (range ?? 0) &- last.raw &+ raw &+ 1
        let seconds = Seconds(nanoseconds: time - last.time)
        let power = Joules(Double(counts) * joulesPerCount) / seconds
        let possible = (raw >= last.raw || range != nil) && power <= channel.maximumPower
        let middle = Seconds(nanoseconds: last.time + (time - last.time) / 2 - start)
        points.append(Point(x: middle.value, y: possible ? power.value : .nan))
    }
    return points
}
