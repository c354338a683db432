public import Metering
import Quantities

/// A load whose power is known at every instant, on virtual time: steps of power, each of some length.
public struct PowerCurve: Sendable {
    /// Start of each step in seconds and its watts.
    public var steps: [(from: Double, watts: Double)]

    /// A load of these steps.
    public init(steps: [(from: Double, watts: Double)]) { self.steps = steps }

    /// Joules between two instants.
    public func energy(_ from: Double, _ to: Double) -> Double {
        var sum = 0.0
        for (i, step) in steps.enumerated() {
            let end = i + 1 < steps.count ? steps[i + 1].from : .infinity
            sum += max(0, min(to, end) - max(from, step.from)) * step.watts
        }
        return sum
    }

    /// Random steps between the two powers over so many seconds.
    public static func random(
        _ seconds: Double,
        watts: ClosedRange<Double>,
        lasting: ClosedRange<Double>,
        using random: inout SeededGenerator
    ) -> PowerCurve {
        var steps: [(from: Double, watts: Double)] = []
        var time = -1.0
        while time < seconds + 1 {
            steps.append((time, Double.random(in: watts, using: &random)))
            time += Double.random(in: lasting, using: &random)
        }
        return PowerCurve(steps: steps)
    }

    /// What a counter with this channel's range and update period shows at the instants, in counts of a microjoule.
    public func trace(_ channel: Channel, at times: [Double], phase: Double = 0, offset: UInt64 = 0) -> Trace {
        var trace = Trace(channels: [channel])
        for time in times {
            let count = self.count(channel, at: time, phase: phase, offset: offset)
            trace.before.append(Int64((time * 1e6).rounded()) * 1000)
            trace.after.append(Int64((time * 1e6).rounded()) * 1000)
            trace.columns[0].append(count)
        }
        return trace
    }

    /// What such a counter shows at one instant.
    public func count(_ channel: Channel, at time: Double, phase: Double = 0, offset: UInt64 = 0) -> UInt64 {
        let period = channel.updatePeriod.value
        let renewed = period > 0 ? ((time - phase) / period).rounded(.down) * period + phase : time
        let count = UInt64(max(0, energy(-1, renewed) * 1e6)) + offset
        guard case .energyCounter(_, let range?) = channel.kind, range > 0 else { return count }
        return count % range
    }
}
