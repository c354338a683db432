import Metering
import ProbeTestKit
import Quantities

/// A sensor on virtual time that errs as its channel says: gain, phase, lateness and width of reads are drawn.
struct SimulatedSensor: Sendable {
    var name: String
    /// Joules a count of a counter, or watts a count of a gauge.
    var unit: Double
    /// How often a counter is renewed, or over what a gauge averages.
    var period: Double
    var isCounter: Bool
    /// Relative standard uncertainty of the gain, drawn from a normal distribution.
    var gain: Double
    var interval = 0.1
    /// Longest time that a read takes; its value is from anywhere within.
    var width = 0.0001
    /// Mean lateness of a tick, exponential.
    var lateness = 0.0003
    /// Whether the counter starts from nothing again at some instant of the run.
    var isSetAnew = false
    /// How long the sensor gives no readings, somewhere in the run.
    var silence = 0.0

    var channel: Channel {
        let kind: Channel.Kind =
            isCounter
            ? .energyCounter(joulesPerCount: unit, range: nil) : .power(wattsPerCount: unit, window: Seconds(period))
        return Channel(
            name: name,
            device: .cpu,
            domain: "package",
            kind: kind,
            basis: .measured,
            inTotal: true,
            relativeUncertainty: gain,
            uncertaintySource: "drawn",
            updatePeriod: Seconds(period),
            maximumPower: Watts(100_000),
            source: "simulation"
        )
    }

    /// Reads the load from just before 0 to just after `seconds`.
    func trace(_ load: SimulatedLoad, seconds: Double, using random: inout SeededGenerator) -> Trace {
        var trace = Trace(channels: [channel])
        let factor = 1 + gain * random.normal()
        let phase = Double.random(in: 0...1, using: &random) * period
        let offset = Double.random(in: 0..<1, using: &random)
        var times = [-Double.random(in: 0...0.001, using: &random) - width]
        for tick in 1..<Int((seconds / interval).rounded()) {
            times.append(Double(tick) * interval - lateness * (1 - Double.random(in: 0..<1, using: &random)).logarithm)
        }
        times.append(seconds + width + Double.random(in: 0...0.001, using: &random))
        let anew = isSetAnew ? Double.random(in: 1...seconds - 1, using: &random) : .infinity
        let quiet = Double.random(in: 1...seconds - 2, using: &random)
        for time in times where silence == 0 || time < quiet || time > quiet + silence {
            let long = Double.random(in: 0.8...1, using: &random) * width
            let instant = time + Double.random(in: 0...1, using: &random) * long
            let value =
                isCounter
                ? factor * load.energy(instant > anew ? anew : -1.5, renewed(instant, phase)) / unit + offset
                : factor * load.energy(instant - period, instant) / period / unit + offset
            trace.before.append(Int64((time * 1e6).rounded(.down)) * 1000)
            trace.after.append(Int64(((time + long) * 1e6).rounded(.up)) * 1000)
            trace.columns[0].append(UInt64(max(0, value)))
        }
        return trace
    }

    private func renewed(_ instant: Double, _ phase: Double) -> Double {
        period > 0 ? ((instant - phase) / period).rounded(.down) * period + phase : instant
    }
}
