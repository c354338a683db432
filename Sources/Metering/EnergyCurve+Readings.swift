import Quantities

extension EnergyCurve {
    /// From a cumulative counter: a unit is a count.
    static func counter(_ trace: Trace, _ index: Int) -> EnergyCurve {
        let channel = trace.channels[index]
        guard case .energyCounter(let joules, let range) = channel.kind else { return empty }
        var curve = EnergyCurve(
            joulesPerUnit: joules,
            resolution: joules * channel.registerUnit,
            updatePeriod: channel.updatePeriod
        )
        // The reads may lie anywhere between their stamps: the step's time is at most so much longer.
        let width = zip(trace.after, trace.before).map { $0 - $1 }.max() ?? 0
        var counter = WrappingCounter(
            range: range,
            maximumRate: joules > 0 ? channel.maximumPower.value / joules : 0,
            updatePeriod: Int64(curve.updatePeriod) + width
        )
        for (time, halfWidth, value) in readings(trace, index) {
            var next = curve.points.last ?? Point(time: time, halfWidth: 0, units: 0, unknown: 0, variance: 0)
            let last = next.time
            switch counter.step(to: value, at: time) {
            case .first: break
            case .advanced(let counts): next.units += Int128(counts)
            case .wrapped(let counts):
                next.units += Int128(counts)
                curve.wraps.append(last..<time)
            case .reset:
                next.unknown += time - last
                curve.resets.append(last..<time)
                curve.holes.append(Hole(from: last, to: time, reason: "reset"))
            case .ambiguous:
                next.unknown += time - last
                curve.holes.append(Hole(from: last, to: time, reason: "ambiguous"))
            }
            next.time = time
            next.halfWidth = halfWidth
            curve.points.append(next)
        }
        return curve
    }

    /// From present powers: a unit is half a count for a nanosecond.
    ///
    /// A window equal to the interval makes the rectangle exact; otherwise the trapezoid, moved back by half of a
    /// window that is longer than the interval. Steps between samples leave the error `ΔP·h/√12` each where the sensor
    /// does not look (energy-math: power integration).
    static func power(_ trace: Trace, _ index: Int, nominal: Int64) -> EnergyCurve {
        let channel = trace.channels[index]
        guard case .power(let watts, let window) = channel.kind else { return empty }
        var curve = EnergyCurve(joulesPerUnit: watts / 2e9, resolution: 0, updatePeriod: .zero)
        let span = window.value * 1e9
        let isRectangle = abs(span - Double(nominal)) <= 0.1 * Double(nominal)
        let isBlurred = !isRectangle && span > Double(nominal)
        let shift = isBlurred ? Int64(span / 2) : 0
        if isBlurred {
            curve.blur = span
            curve.reach = Int64(span)
        }
        var previous: UInt64 = 0
        for (time, halfWidth, value) in readings(trace, index) {
            guard var next = curve.points.last else {
                let first = Point(time: time - shift, halfWidth: halfWidth, units: 0, unknown: 0, variance: 0)
                curve.points.append(first)
                previous = value
                continue
            }
            let step = time - shift - next.time
            next.units += (Int128(value) + Int128(isRectangle ? value : previous)) * Int128(step)
            let seconds = Double(step) / 1e9
            let change = (Double(value) - Double(previous)) * watts
            let unseen = isRectangle ? 0 : max(0, 1 - span / Double(max(1, step)))
            next.variance += change * change * seconds * seconds / 12 * unseen
            if step > 3 * nominal {
                // A power channel loses what it did not see: anywhere between nothing and twice the mean.
                let mean = (Double(value) + Double(previous)) / 2 * watts
                next.variance += mean * mean * seconds * seconds / 3
            }
            next.time = time - shift
            next.halfWidth = halfWidth
            curve.points.append(next)
            previous = value
        }
        return curve
    }

    private static var empty: EnergyCurve { EnergyCurve(joulesPerUnit: 0, resolution: 0, updatePeriod: .zero) }

    /// The readings that are there, with the middle and half width of their read; later ones of one instant left out.
    private static func readings(_ trace: Trace, _ index: Int) -> [(time: Int64, halfWidth: Int64, value: UInt64)] {
        var readings: [(time: Int64, halfWidth: Int64, value: UInt64)] = []
        readings.reserveCapacity(trace.count)
        for i in 0..<trace.count where trace.columns[index][i] != RawReading.missing {
            let halfWidth = (trace.after[i] - trace.before[i]) / 2
            let time = trace.before[i] + halfWidth
            if let last = readings.last, time <= last.time { continue }
            readings.append((time, halfWidth, trace.columns[index][i]))
        }
        return readings
    }
}
