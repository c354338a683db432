import Glibc
public import Metering
import Quantities

/// How often a stated 95 % held the truth.
public struct Coverage: Sendable {
    /// Part of the repetitions whose interval held it.
    public var held: Double
    /// Mean half width over the mean of the joules.
    public var stated: Double

    /// Whether `WATTBOOK_SLOW` asks for 2,000 repetitions instead of 200.
    public static let isSlow = unsafe getenv("WATTBOOK_SLOW") != nil

    /// Simulates the sensors behind the channels of one machine on virtual time, each with a load of its own.
    ///
    /// Drawn are what the budget states: of each kind of sensor one error of the gain, of each channel its phase, and the
    /// lateness and width of every read. The account of each repetition is asked whether its total holds the truth.
    ///
    /// - Parameters:
    ///   - interval: Seconds between two readings.
    ///   - seed: Of the numbers that are drawn.
    public init(
        of channels: [Channel],
        _ shape: SimulatedLoad.Shape,
        seconds: Double,
        interval: Double = 0.1,
        seed: UInt64
    ) {
        var random = SeededGenerator(seed: seed)
        let repetitions = Self.isSlow ? 2000 : 200
        let summed = channels.filter(\.inTotal)
        var (hits, half, sum) = (0, 0.0, 0.0)
        for _ in 0..<repetitions {
            var errors: [Substring: Double] = [:]
            var truth = 0.0
            var traces: [Trace] = []
            for channel in summed {
                let kind = channel.name.prefix { $0 != "/" }
                let error = errors[kind] ?? random.normal()
                errors[kind] = error
                let load = SimulatedLoad.draw(shape, seconds: seconds, using: &random)
                var sensor = SimulatedSensor(channel)
                sensor.interval = interval
                truth += load.energy(0, seconds)
                traces.append(sensor.trace(load, seconds: seconds, error: error, using: &random))
            }
            let total = account(traces: traces, start: 0, end: Int64(seconds * 1e9), marks: Marks()).total
            guard let joules = total.joules?.value, let stated = total.uncertainty?.value else { continue }
            if abs(joules - truth) <= stated { hits += 1 }
            (half, sum) = (half + stated, sum + joules)
        }
        held = Double(hits) / Double(repetitions)
        stated = half / sum
    }

    /// A row of the table in `Probes/README.md`.
    public func row(_ name: String, _ shape: SimulatedLoad.Shape) -> String {
        "| \(name) | \(shape.rawValue) | \(Self.percent(held)) | ±\(Self.percent(stated)) |"
    }

    private static func percent(_ value: Double) -> String { "\((value * 1000).rounded() / 10) %" }
}
