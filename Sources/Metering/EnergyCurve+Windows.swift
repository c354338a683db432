import Quantities

extension EnergyCurve {
    /// The energy within the windows, which are in order and apart; `nil` where the readings allow no statement.
    ///
    /// The ends of every window must be among the curve's instants. Each part of the budget comes from its bound `a`
    /// as `a/√3` (GUM, type B): the age of the value at both ends (`Pτ/√12` each), the counter's step (`q/√12` each),
    /// the width of the read, what the power can do between the samples around an end, and time whose energy is
    /// unknown. A moving average over `w` is within `ΔP·w/8` of the energy at each end: about an end it gives away
    /// half of the power and less of it farther out, which makes two triangles of that area, one on each side. Ends are alike from visit to visit (a region begins with the same step of power), so their bounds are
    /// summed; ages are not, so their squares are.
    func energy(in windows: [Range<Int64>]) -> WindowEnergy? {
        guard isUsable, let first, let last, windows.contains(where: { !$0.isEmpty }) else { return nil }
        let knownTime = Double(last.time - first.time - last.unknown) / 1e9
        guard knownTime > 0 else { return nil }
        let known = (last.units - first.units).asDouble * joulesPerUnit / knownTime

        var joules = 0.0
        var tally = Tally()
        for window in windows {
            guard let a = place(window.lowerBound), let b = place(window.upperBound) else { return nil }
            joules += energy(b) - energy(a)
            let unseen = max(0, b.unknown - a.unknown) / 1e9
            joules += known * unseen
            tally.unknown += unseen
            tally.add(ends(a, b, mean: known))
            tally.unseen += max(0, b.unseen - a.unseen)
            tally.lost += max(0, b.lost - a.lost)
            tally.gaps += max(0, b.segment.to.gaps - a.segment.from.gaps)
            let seconds = Double(window.upperBound - window.lowerBound) / 1e9
            tally.length += seconds
            let ends = bound(a, isStart: true) + bound(b, isStart: false)
            let isWithin = a.segment.ordinal == b.segment.ordinal
            tally.between += isWithin ? min(ends, deviation(a.power) * seconds) : ends
            tally.blurred += 2 * swing * blur / 8e9
        }
        tally.visits = windows.count
        // With most of the time unknown, the rest says nothing about it.
        guard tally.unknown <= tally.length / 2 else { return nil }
        tally.unknownJoules = tally.unknown * max(known, (extremes.maximum ?? known) - known)
        return WindowEnergy(joules: joules, budget: tally.budget(gain: gain.relative * abs(joules), of: gain.part))
    }

    /// An instant on the curve.
    struct Place {
        /// The segment that holds it.
        var segment: Segment
        /// Time since its first point, ns; negative before the first of all.
        var offset: Int64
        /// That time over the segment's, from 0 to 1.
        var inside: Double
        /// Mean power of the segment, W.
        var power: Double
        var unknown: Double
        var unseen: Double
        var lost: Double

        var isKnown: Bool { segment.to.unknown == segment.from.unknown }
    }

    /// Finds an instant; `nil` farther from the points than the curve may be continued.
    private func place(_ time: Int64) -> Place? {
        guard count >= 2, let first, let last, time >= first.time - reach, time <= last.time + reach else { return nil }
        var low = 0
        var high = instants.count
        while low < high {
            let middle = (low + high) / 2
            if instants[middle] < time { low = middle + 1 } else { high = middle }
        }
        guard low < segments.count, instants[low] == time else { return nil }
        let segment = segments[low]
        let (from, to) = (segment.from, segment.to)
        let offset = time - from.time
        let length = Double(to.time - from.time)
        let inside = min(1, max(0, Double(offset) / length))
        return Place(
            segment: segment,
            offset: offset,
            inside: inside,
            power: (to.units - from.units).asDouble * joulesPerUnit / (length / 1e9),
            unknown: Double(from.unknown) + inside * Double(to.unknown - from.unknown),
            unseen: from.unseen + inside * (to.unseen - from.unseen),
            lost: from.lost + inside * (to.lost - from.lost)
        )
    }

    /// Joules from the first point to an instant, without time whose energy is unknown.
    private func energy(_ place: Place) -> Double {
        place.segment.from.units.asDouble * joulesPerUnit + place.power * Double(place.offset) / 1e9
    }

    /// Variances of what both ends of a window add.
    private func ends(_ a: Place, _ b: Place, mean: Double) -> Tally.Ends {
        var ends = Tally.Ends()
        for place in [a, b] {
            // What was drawn just before an end may be as much as ever.
            let age = max(extremes.maximum ?? 0, mean) * updatePeriod / 1e9
            // Between two readings their errors are averaged; ages may be the same, so theirs are not.
            let (x, y) = (1 - place.inside, place.inside)
            let before = x * place.power * Double(place.segment.from.halfWidth) / 1e9
            let after = y * place.power * Double(place.segment.to.halfWidth) / 1e9
            ends.age += age * age / 12
            ends.step += resolution * resolution / 12 * (x * x + y * y)
            ends.stamp += (before * before + after * after) / 3
            ends.isAveraged = ends.isAveraged || min(x, y) > 0.1
        }
        return ends
    }

    /// How far apart the power's extremes are, W.
    private var swing: Double {
        max(blurredSwing, extremes.range.upperBound - extremes.range.lowerBound)
    }

    /// How far the power may be from a mean, W.
    private func deviation(_ power: Double) -> Double {
        max(0, extremes.range.upperBound - power, power - extremes.range.lowerBound)
    }

    /// How far the curve may be from the straight line at an end, J, while the power stays in its range.
    private func bound(_ place: Place, isStart: Bool) -> Double {
        guard place.isKnown else { return 0 }
        let length = Double(place.segment.to.time - place.segment.from.time) / 1e9
        let x = Double(place.offset) / 1e9
        // Half of a gauge's window past the last reading, the reading itself speaks.
        let beyond = max(-x, x - length)
        if beyond > 0 { return deviation(place.power) * max(0, beyond - shift / 1e9) }
        if isPartial {
            // The segment's energy is not known either: one step may be anywhere between the readings.
            let change = abs(place.segment.to.shown - place.segment.from.shown)
            return change / 2 * (isStart ? length - x : x)
        }
        // A moving average itself moves by no more than what enters and leaves it.
        let most = blur > 0 ? swing * length / (blur / 1e9) : .infinity
        let low = min(place.power, max(extremes.range.lowerBound, place.power - most))
        let high = max(place.power, min(extremes.range.upperBound, place.power + most))
        let line = place.power * x
        let lower = max(low * x, place.power * length - high * (length - x))
        let upper = min(high * x, place.power * length - low * (length - x))
        return max(0, line - lower, upper - line)
    }
}
