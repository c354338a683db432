/// The energy of some windows of time: joules and standard uncertainty without the sensor's gain.
struct WindowEnergy {
    var joules: Double
    var random: Double
}

extension EnergyCurve {
    /// The energy within the windows, which are in order and apart; `nil` where the readings allow no statement.
    ///
    /// Parts of the uncertainty, each from its bound `a` as `a/√3` (GUM, type B):
    /// the age of the value at both ends (`Pτ/√12` each), the counter's step (`q/√12` each), the width of the read,
    /// what the power can do between the samples around an end, and time whose energy is unknown.
    /// Ends are alike from visit to visit (a region begins with the same step of power), so their bounds are summed;
    /// ages are not, so their squares are.
    func energy(in windows: [Range<Int64>]) -> WindowEnergy? {
        guard isUsable, let first = points.first, let last = points.last else { return nil }
        let knownTime = Double(last.time - first.time - last.unknown) / 1e9
        guard knownTime > 0 else { return nil }
        let known = Double(last.units - first.units) * joulesPerUnit / knownTime

        var joules = 0.0
        var variance = 0.0
        var interpolation = 0.0
        var unknown = 0.0
        var length = 0.0
        for window in windows {
            guard let a = place(window.lowerBound), let b = place(window.upperBound) else { return nil }
            joules += energy(b) - energy(a)
            let unseen = max(0, b.unknown - a.unknown) / 1e9
            unknown += unseen
            joules += known * unseen
            variance += endVariance(a, mean: known) + endVariance(b, mean: known) + max(0, b.variance - a.variance)
            let seconds = Double(window.upperBound - window.lowerBound) / 1e9
            length += seconds
            let ends = bound(a) + bound(b)
            interpolation += a.segment == b.segment ? min(ends, deviation(a.power) * seconds) : ends
        }
        // With most of the time unknown, the rest says nothing about it.
        guard unknown <= length / 2 else { return nil }
        let lost = unknown * max(known, (maximumPower ?? known) - known)
        variance += (interpolation * interpolation + lost * lost) / 3
        return WindowEnergy(joules: joules, random: variance.squareRoot())
    }

    /// An instant on the curve.
    struct Place {
        /// The segment that holds it, by its first point.
        var segment: Int
        /// Time since that point, ns; negative before the first one.
        var offset: Int64
        /// Mean power of the segment, W.
        var power: Double
        var unknown: Double
        var variance: Double
        var isKnown: Bool
    }

    /// Finds an instant; `nil` farther from the points than the curve may be continued.
    func place(_ time: Int64) -> Place? {
        guard points.count >= 2, let first = points.first, let last = points.last,
            time >= first.time - reach, time <= last.time + reach
        else { return nil }
        var low = 0
        var high = points.count - 1
        while high - low > 1 {
            let middle = (low + high) / 2
            if points[middle].time <= time { low = middle } else { high = middle }
        }
        let (from, to) = (points[low], points[low + 1])
        let offset = time - from.time
        let fraction = Double(offset) / Double(to.time - from.time)
        let inside = min(1, max(0, fraction))
        return Place(
            segment: low,
            offset: offset,
            power: meanPower(low, low + 1),
            unknown: Double(from.unknown) + inside * Double(to.unknown - from.unknown),
            variance: from.variance + inside * (to.variance - from.variance),
            isKnown: to.unknown == from.unknown
        )
    }

    /// Joules from the first point to an instant, without time whose energy is unknown.
    private func energy(_ place: Place) -> Double {
        Double(points[place.segment].units) * joulesPerUnit + place.power * Double(place.offset) / 1e9
    }

    private func endVariance(_ place: Place, mean: Double) -> Double {
        let age = max(place.power, mean) * updatePeriod / 1e9
        let stamp = place.power * Double(points[place.segment].halfWidth) / 1e9
        return (age * age + resolution * resolution) / 12 + stamp * stamp / 3
    }

    /// How far the power may be from a mean, W.
    private func deviation(_ power: Double) -> Double {
        max(0, powerRange.upperBound - power, power - powerRange.lowerBound)
    }

    /// How far the curve may be from the straight line at an instant, J, while the power stays in its range.
    private func bound(_ place: Place) -> Double {
        let blurred = (powerRange.upperBound - powerRange.lowerBound) * blur / 2e9
        guard place.isKnown else { return blurred }
        let length = Double(points[place.segment + 1].time - points[place.segment].time) / 1e9
        let x = Double(place.offset) / 1e9
        if x < 0 { return blurred + deviation(place.power) * -x }
        if x > length { return blurred + deviation(place.power) * (x - length) }
        let low = min(powerRange.lowerBound, place.power)
        let high = max(powerRange.upperBound, place.power)
        let line = place.power * x
        let least = max(low * x, place.power * length - high * (length - x))
        let most = min(high * x, place.power * length - low * (length - x))
        return blurred + max(0, line - least, most - line)
    }
}
