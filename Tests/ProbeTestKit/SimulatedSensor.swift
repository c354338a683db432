public import Metering
import Quantities

/// A sensor on virtual time that errs as its channel says: gain, phase, lateness and width of reads are drawn.
public struct SimulatedSensor: Sendable {
    public var name: String
    /// Joules a count of a counter, or watts a count of a gauge.
    public var unit: Double
    /// How often a counter is renewed, or over what a gauge averages.
    public var period: Double
    public var isCounter: Bool
    /// Relative standard uncertainty of the gain, drawn from a normal distribution.
    public var gain: Double
    public var interval = 0.1
    /// Longest time that a read takes; its value is from anywhere within.
    public var width = 0.0001
    /// Mean lateness of a tick, exponential.
    public var lateness = 0.0003
    /// Whether the counter starts from nothing again at some instant of the run.
    public var isSetAnew = false
    /// How long the sensor gives no readings, somewhere in the run.
    public var silence = 0.0

    private let described: Channel?

    /// A sensor; the arguments are the properties of the same names.
    public init(
        name: String,
        unit: Double,
        period: Double,
        isCounter: Bool,
        gain: Double,
        width: Double = 0.0001,
        isSetAnew: Bool = false,
        silence: Double = 0
    ) {
        self.name = name
        self.unit = unit
        self.period = period
        self.isCounter = isCounter
        self.gain = gain
        self.width = width
        self.isSetAnew = isSetAnew
        self.silence = silence
        described = nil
    }

    /// The sensor behind a channel of a probe.
    public init(_ channel: Channel) {
        name = channel.name
        gain = channel.relativeUncertainty
        switch channel.kind {
        case .energyCounter(let joules, let range):
            (unit, isCounter, period) = (joules, true, channel.updatePeriod.value)
            self.range = range
        // What is instantaneous is a mean over no time.
        case .power(let watts, let window): (unit, isCounter, period) = (watts, false, max(1e-6, window.value))
        case .eventCounter: preconditionFailure("events have no joules")
        }
        described = channel
    }

    /// Where a counter starts again from nothing.
    private var range: UInt64?

    /// The channel that it fills.
    public var channel: Channel {
        if let described { return described }
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
    ///
    /// - Parameter error: The error of the gain in standard uncertainties; drawn where `nil`.
    public func trace(
        _ load: SimulatedLoad,
        seconds: Double,
        error: Double? = nil,
        using random: inout SeededGenerator
    ) -> Trace {
        var trace = Trace(channels: [channel])
        let factor = 1 + gain * (error ?? random.normal())
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
            let count = UInt64(max(0, value))
            trace.columns[0].append(range.map { count % ($0 + 1) } ?? count)
        }
        return trace
    }

    private func renewed(_ instant: Double, _ phase: Double) -> Double {
        period > 0 ? ((instant - phase) / period).rounded(.down) * period + phase : instant
    }
}
