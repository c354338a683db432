import Metering
import Quantities

/// Boards with the power monitor INA3221, as NVIDIA's Jetson: a power for each supply rail.
///
/// Which rails make the whole is known by their names alone. Nothing sees the board that carries the module.
enum Jetson {
    /// Rails that are the input of the whole module, and sets of rails that are it together.
    private static let wholes: [Set<String>] = [
        ["VDD_IN"],  // Orin Nano, Orin NX, Xavier NX, TX2
        ["VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0"],  // AGX Orin, on two monitors
    ]

    /// The rails of all monitors.
    static func sensors(_ monitors: [Monitor], _ look: inout Look) -> [Sensor] {
        let found = monitors.flatMap { rails($0, &look) } + olderRails(&look)
        guard !found.isEmpty else { return [] }
        let names = Set(found.map(\.label))
        guard let whole = wholes.first(where: { $0.isSubset(of: names) }) else {
            look.warnings.append(
                "The power rails \(names.sorted().joined(separator: ", ")) are of no board that is known here: "
                    + "they are shown, and none is in the total."
            )
            return found.map { rail in
                var sensor = rail.sensor
                sensor.channel.inTotal = false
                return sensor
            }
        }
        let outer = whole.count > 1 ? nil : found.first { whole.contains($0.label) }?.sensor.channel.name
        return found.map { rail in
            var sensor = rail.sensor
            if whole.contains(rail.label) {
                sensor.channel.domain = "module"
                // The whole is in the total even where it has no part that is a processor by name.
                if whole.count == 1 { sensor.channel.device = .platform }
                return sensor
            }
            sensor.channel.inTotal = false
            sensor.channel.containedIn = outer
            return sensor
        }
    }

    private typealias Rail = (label: String, sensor: Sensor)

    /// Channels 1 to 3 are rails; higher ones are shunts, and sums of rails.
    private static func rails(_ monitor: Monitor, _ look: inout Look) -> [Rail] {
        let milliseconds = monitor.text("update_interval", look.tree).flatMap { Double($0) } ?? 0
        return (1...3).compactMap { number -> Rail? in
            guard let voltage = monitor.file("in\(number)_input", look.tree),
                let current = monitor.file("curr\(number)_input", look.tree),
                look.gives(voltage), look.gives(current)
            else { return nil }
            let label = monitor.text("in\(number)_label", look.tree) ?? "rail\(number)"
            guard label != "NC" else { return nil }
            let window = Seconds(max(0, milliseconds) / 1000)
            var sensor = rail(monitor.channelName(label), label, file: voltage, window: window)
            sensor.factor = current
            return (label, sensor)
        }
    }

    /// The layout of older systems (L4T 32 and before): powers in mW, among the industrial I/O devices.
    private static func olderRails(_ look: inout Look) -> [Rail] {
        let folder = "/sys/bus/i2c/drivers/ina3221x"
        let chips = ((try? look.tree.entries(folder)) ?? []).filter { $0.contains("-") }
        return chips.flatMap { chip -> [Rail] in
            let devices = ((try? look.tree.entries("\(folder)/\(chip)")) ?? []).filter { $0.hasPrefix("iio:device") }
            return devices.flatMap { device -> [Rail] in
                (0...2).compactMap { number -> Rail? in
                    let path = "\(folder)/\(chip)/\(device)"
                    let power = "\(path)/in_power\(number)_input"
                    guard let label = look.tree.line("\(path)/rail_name_\(number)"), !label.isEmpty,
                        look.gives(power)
                    else { return nil }
                    let monitor = Monitor(path: path, name: "ina3221x", address: chip)
                    var sensor = rail(monitor.channelName(label), label, file: power, window: Seconds(0))
                    sensor.channel.kind = .power(wattsPerCount: 1e-3, window: Seconds(0))
                    return (label, sensor)
                }
            }
        }
    }

    private static func rail(_ name: String, _ label: String, file: String, window: Seconds) -> Sensor {
        let word = label.uppercased()
        let device: Device =
            switch true {
            case word.contains("CPU") && word.contains("GPU"): .platform
            case word.contains("GPU"): .gpu
            case word.contains("CPU"): .cpu
            case word.contains("DDR"): .memory
            default: .platform
            }
        return .power(
            name,
            device,
            label,
            file: file,
            window: window,
            relativeUncertainty: 0.03,
            "type B, assumed for an INA3221 and its shunts: 3 %"
        )
    }
}
