import Metering
import Quantities

/// The energy counters of AMD's processors in drivers outside of the kernel: `zenergy`, formerly `amd_energy`.
///
/// The registers are those of RAPL; the driver keeps them in 64 bits.
enum AMDEnergy {
    /// A counter for each socket.
    ///
    /// Those of the cores lie in them, and a read of each would wake a core: they are not read.
    static func sensors(_ monitors: [Monitor], _ look: inout Look) -> [Sensor] {
        monitors.flatMap { monitor -> [Sensor] in
            var cores = 0
            let sockets = monitor.numbered("energy", "_input", look.tree).compactMap { counter -> Sensor? in
                let label = monitor.text("energy\(counter.number)_label", look.tree) ?? ""
                guard label.hasPrefix("Esocket"), let socket = Int(label.dropFirst("Esocket".count)) else {
                    cores += label.hasPrefix("Ecore") ? 1 : 0
                    return nil
                }
                guard look.gives(counter.path) else { return nil }
                var sensor = Sensor.energy(
                    monitor.channelName(label),
                    .cpu,
                    "package",
                    file: counter.path,
                    updatePeriod: Seconds(0.001),
                    relativeUncertainty: 0.03,
                    "type B, assumed for RAPL packages: 3 %"
                )
                sensor.channel.maximumPower = Watts(1000)
                sensor.channel.hardware = "rapl/package-\(socket)"
                return sensor
            }
            if cores > 0 {
                look.notes.append("\(monitor.path) has counters of \(cores) cores: parts of the sockets, not read.")
            }
            return sockets
        }
    }
}
