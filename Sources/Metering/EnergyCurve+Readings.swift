import Quantities

extension EnergyCurve {
    /// From a cumulative counter: a unit is a count.
    static func counter(_ trace: Trace, _ index: Int, nominal: Int64, at instants: [Int64]) -> EnergyCurve {
        let channel = trace.channels[index]
        guard case .energyCounter(let joules, let range) = channel.kind else {
            preconditionFailure("a counter's curve of a channel that counts nothing")
        }
        let period = Int64(channel.updatePeriod.value * 1e9)
        let isRenewed = trace.showsRenewals(of: index, every: period, nominal: nominal)
        var curve = EnergyCurve(
            channel,
            joulesPerUnit: joules,
            resolution: joules * channel.registerUnit,
            nominal: nominal,
            isAged: !isRenewed,
            at: instants
        )
        // A value is from nothing to a period old, so in the mean it is that of half a period ago.
        let shift = isRenewed ? 0 : period / 2
        curve.shift = Double(shift)
        curve.reach = isRenewed ? period + period / 5 : shift
        // The reads may lie anywhere between their stamps: the step's time is at most so much longer.
        var width: Int64 = 0
        for i in 0..<trace.count { width = max(width, trace.after[i] - trace.before[i]) }
        var counter = WrappingCounter(
            range: range,
            maximumRate: joules > 0 ? channel.maximumPower.value / joules : 0,
            updatePeriod: period + width,
            readWithin: channel.readWithin.map { Int64($0.value * 1e9) }
        )
        trace.forEach(isRenewed ? .renewal(period: period) : .reading, of: index) { time, halfWidth, value in
            var next = curve.last ?? Point(time: time - shift)
            let last = next.time + shift
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
            next.time = time - shift
            next.halfWidth = halfWidth
            curve.append(next)
        }
        return curve
    }

    /// From present powers: a unit is half a count for a nanosecond.
    ///
    /// A window equal to the interval makes the rectangle exact; otherwise the trapezoid between the middles of the
    /// windows.
    static func power(_ trace: Trace, _ index: Int, nominal: Int64, at instants: [Int64]) -> EnergyCurve {
        let channel = trace.channels[index]
        guard case .power(let watts, let window) = channel.kind else {
            preconditionFailure("a gauge's curve of a channel that shows no power")
        }
        var curve = EnergyCurve(channel, joulesPerUnit: watts / 2e9, resolution: 0, nominal: nominal, at: instants)
        let span = window.value * 1e9
        let isRectangle = abs(span - Double(nominal)) <= 0.1 * Double(nominal)
        let isBlurred = !isRectangle && span > Double(nominal)
        curve.isPartial = !isRectangle && !isBlurred
        let shift = isRectangle ? 0 : Int64(span / 2)
        curve.shift = Double(shift)
        if isBlurred { curve.blur = span }
        curve.reach = 2 * shift
        var previous: UInt64 = 0
        var lastChange = 0.0
        trace.forEachReading(of: index) { time, halfWidth, value in
            curve.extremes.show(Double(value) * watts)
            defer { previous = value }
            guard var next = curve.last else {
                curve.append(Point(time: time - shift, halfWidth: halfWidth, shown: Double(value) * watts))
                return
            }
            let step = time - shift - next.time
            next.units += (Int128(value) + Int128(isRectangle ? value : previous)) * Int128(step)
            let seconds = Double(step) / 1e9
            let change = (Double(value) - Double(previous)) * watts
            let unwatched = isRectangle ? abs(Double(step) - span) : max(0, Double(step) - span)
            next.unseen += unseenVariance(change, after: lastChange) * seconds * unwatched / 1e9
            lastChange = change
            // A moving average changes by what enters its window less what leaves it.
            if isBlurred { curve.blurredSwing = max(curve.blurredSwing, abs(change) * span / Double(step)) }
            if step > 3 * nominal {
                // What was not seen may be anything between nothing and twice the mean.
                let mean = (Double(value) + Double(previous)) / 2 * watts
                next.lost += mean * mean * seconds * seconds / 3
                next.gaps += 1
            }
            next.time = time - shift
            next.halfWidth = halfWidth
            next.shown = Double(value) * watts
            curve.append(next)
        }
        return curve
    }

    /// Variance of the mean power between two readings where the sensor does not look, W².
    ///
    /// A step of the power at a random place between them leaves `ΔP²/12`. A power that is different in every
    /// interval leaves its own variance, half of that of the changes, which then turn back on themselves: the
    /// product of neighbouring changes is less than nothing and tells the two apart.
    private static func unseenVariance(_ change: Double, after last: Double) -> Double {
        change * change / 12 + max(0, -change * last) * 5 / 6
    }
}

extension Trace {
    /// Hands over the readings that are there, with the middle and half width of their read; later ones of one
    /// instant are left out.
    func forEachReading(of index: Int, _ body: (_ time: Int64, _ halfWidth: Int64, _ value: UInt64) -> Void) {
        let column = columns[index]
        var last = Int64.min
        for i in 0..<count where column[i] != RawReading.missing {
            let halfWidth = (after[i] - before[i]) / 2
            let time = before[i] + halfWidth
            guard time > last else { continue }
            last = time
            body(time, halfWidth, column[i])
        }
    }
}
