import Metering
import Quantities

/// IBM's POWER processors, through `ibmpowernv` (the host's driver) or `occ` (that of the board's controller).
enum POWER {
    private enum Part: String, CaseIterable {
        case system, vdd, vdn, proc

        /// From the firmware's label: `System`, `Chip 0`, `Chip 0 Vdd`, `proc`.
        init?(_ label: String) {
            let words = label.lowercased()
            if let part = Part.allCases.first(where: { words.contains($0.rawValue) }) {
                self = part
            } else if words.hasPrefix("chip") {
                self = .proc
            } else {
                return nil
            }
        }

        var device: Device { self == .system ? .node : .cpu }
        var domain: String {
            switch self {
            case .system: "node"
            case .proc: "package"
            case .vdd, .vdn: rawValue
            }
        }
    }

    private struct Found {
        var part: Part
        var chip: String
        var sensor: Sensor
    }

    /// The system contains the processors, and each of these its supplies `vdd` and `vdn`.
    static func sensors(_ monitors: [Monitor], _ look: inout Look) -> [Sensor] {
        let found = monitors.flatMap { sensors(of: $0, &look) }
        let system = found.first { $0.part == .system }?.sensor.channel.name
        return found.map { one in
            if one.part == .system { return one.sensor.contained(in: one.sensor.channel.name == system ? nil : system) }
            let processor = found.first { $0.part == .proc && $0.chip == one.chip }?.sensor.channel.name
            return one.sensor.contained(in: one.part == .proc ? system : processor ?? system)
        }
    }

    /// A label's energy goes before its power.
    private static func sensors(of monitor: Monitor, _ look: inout Look) -> [Found] {
        var found: [Found] = []
        var labels: Set<String> = []
        for (kind, end) in [("energy", "_input"), ("power", "_average"), ("power", "_input")] {
            for (number, path) in monitor.numbered(kind, end, look.tree) {
                guard let label = monitor.text("\(kind)\(number)_label", look.tree), !labels.contains(label) else {
                    continue
                }
                guard let part = Part(label) else {
                    look.notes.append("\(path) (\(label)) is left out: nothing here knows what it contains.")
                    continue
                }
                guard look.gives(path) else { continue }
                labels.insert(label)
                let digits = label.drop { !$0.isNumber }.prefix { $0.isNumber }
                found.append(
                    Found(
                        part: part,
                        chip: digits.isEmpty ? monitor.address : String(digits),
                        sensor: kind == "energy"
                            ? energy(monitor.channelName(label), part, path)
                            : power(monitor.channelName(label), part, path, window(monitor, number, look.tree))
                    )
                )
            }
        }
        return found
    }

    private static let source = "type B, assumed for what POWER's on-chip controller tells: 5 %"

    private static func energy(_ name: String, _ part: Part, _ path: String) -> Sensor {
        .energy(
            name,
            part.device,
            part.domain,
            file: path,
            updatePeriod: Seconds(0.1),
            relativeUncertainty: 0.05,
            source
        )
    }

    private static func power(_ name: String, _ part: Part, _ path: String, _ window: Seconds) -> Sensor {
        .power(name, part.device, part.domain, file: path, window: window, relativeUncertainty: 0.05, source)
    }

    /// The `occ` driver tells its averaging time in µs.
    private static func window(_ monitor: Monitor, _ number: Int, _ tree: FileTree) -> Seconds {
        guard monitor.name == "occ", let text = monitor.text("power\(number)_average_interval", tree),
            let microseconds = Double(text), microseconds > 0
        else { return Seconds(0) }
        return Seconds(microseconds / 1e6)
    }
}
