import Metering
import Quantities

/// A channel and the file that it is read from, or the two files whose product it is.
struct Sensor {
    var channel: Channel
    var file: String
    /// Current beside a voltage: mV times mA are µW.
    var factor: String?

    /// A power in µW.
    static func power(
        _ name: String,
        _ device: Device,
        _ domain: String,
        file: String,
        window: Seconds = Seconds(0),
        relativeUncertainty: Double,
        _ uncertaintySource: String
    ) -> Sensor {
        Sensor(
            channel: Channel(
                name: name,
                device: device,
                domain: domain,
                kind: .power(wattsPerCount: 1e-6, window: window),
                basis: .measured,
                inTotal: true,
                relativeUncertainty: relativeUncertainty,
                uncertaintySource: uncertaintySource,
                updatePeriod: window,
                maximumPower: Watts(20_000),
                source: file
            ),
            file: file
        )
    }

    /// A cumulative energy in µJ, which the driver keeps in 64 bits.
    static func energy(
        _ name: String,
        _ device: Device,
        _ domain: String,
        file: String,
        updatePeriod: Seconds,
        relativeUncertainty: Double,
        _ uncertaintySource: String
    ) -> Sensor {
        Sensor(
            channel: Channel(
                name: name,
                device: device,
                domain: domain,
                kind: .energyCounter(joulesPerCount: 1e-6, range: nil),
                basis: .measured,
                inTotal: true,
                relativeUncertainty: relativeUncertainty,
                uncertaintySource: uncertaintySource,
                updatePeriod: updatePeriod,
                maximumPower: Watts(20_000),
                source: file
            ),
            file: file
        )
    }

    /// The same, as part of another that is read; it leaves the total.
    func contained(in outer: String?) -> Sensor {
        guard let outer else { return self }
        var part = self
        part.channel.containedIn = outer
        part.channel.inTotal = false
        return part
    }
}
