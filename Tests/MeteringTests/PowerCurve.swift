import Metering
import Quantities

/// A load whose power is known at every instant, on virtual time: steps of power, each of some length.
struct PowerCurve {
    /// Start of each step in seconds and its watts.
    var steps: [(from: Double, watts: Double)]

    func energy(_ from: Double, _ to: Double) -> Double {
        var sum = 0.0
        for (i, step) in steps.enumerated() {
            let end = i + 1 < steps.count ? steps[i + 1].from : .infinity
            sum += max(0, min(to, end) - max(from, step.from)) * step.watts
        }
        return sum
    }

    /// Random steps between the two powers over so many seconds.
    static func random(
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
    func trace(_ channel: Channel, at times: [Double], phase: Double = 0, offset: UInt64 = 0) -> Trace {
        var trace = Trace(channels: [channel])
        let period = channel.updatePeriod.value
        var range: UInt64?
        if case .energyCounter(_, let told) = channel.kind { range = told }
        for time in times {
            let renewed = period > 0 ? ((time - phase) / period).rounded(.down) * period + phase : time
            var count = UInt64(max(0, energy(-1, renewed) * 1e6)) + offset
            if let range, range > 0 { count %= range }
            trace.before.append(Int64((time * 1e6).rounded()) * 1000)
            trace.after.append(Int64((time * 1e6).rounded()) * 1000)
            trace.columns[0].append(count)
        }
        return trace
    }
}

/// A counter channel in microjoules.
func counterChannel(
    _ name: String = "powercap/package-0",
    range: UInt64? = 262_143_328_850,
    uncertainty: Double = 0.03,
    period: Double = 0.001,
    inTotal: Bool = true,
    basis: Basis = .measured
) -> Channel {
    Channel(
        name: name,
        device: .cpu,
        domain: "package",
        kind: .energyCounter(joulesPerCount: 1e-6, range: range),
        basis: basis,
        inTotal: inTotal,
        relativeUncertainty: uncertainty,
        uncertaintySource: "test",
        updatePeriod: Seconds(period),
        maximumPower: Watts(1000),
        source: "test"
    )
}

/// Instants from a little before 0 to a little after the end.
func ticks(_ seconds: Double, every interval: Double) -> [Double] {
    [-0.0005] + Array(stride(from: interval - 0.0005, to: seconds, by: interval)) + [seconds + 0.0005]
}

/// Seconds as an instant of the clock.
func ns(_ seconds: Double) -> Int64 { Int64((seconds * 1e9).rounded()) }
