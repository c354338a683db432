import Metering
import Quantities

/// Power meters of the firmware: those of a Grace processor by socket, or one of the whole node.
enum ACPIPowerMeter {
    /// What the sensors of one Grace socket speak of, the whole first.
    ///
    /// The module is the processor with its GPU, memory and regulators; `grace` is the processor with its parts.
    private enum Part: String, CaseIterable {
        case module, grace, cpu, sysio

        /// From the firmware's label, as `CPU Power Socket 0`.
        init?(_ label: String) {
            let words = label.lowercased()
            guard words.contains("socket"), let part = Part.allCases.first(where: { words.contains($0.rawValue) })
            else { return nil }
            self = part
        }
    }

    /// The meters of Grace sockets: the widest of each socket is in the total, the others lie in it.
    static func sockets(_ monitors: [Monitor], _ look: inout Look) -> [Sensor] {
        var found: [(part: Part, socket: Substring, sensor: Sensor)] = []
        for monitor in monitors {
            guard let label = monitor.text("power1_oem_info", look.tree), let part = Part(label),
                let path = monitor.file("power1_average", look.tree), look.gives(path)
            else { continue }
            var sensor = Sensor.power(
                monitor.channelName(label),
                part == .module ? .platform : .cpu,
                part.rawValue,
                file: path,
                window: window(monitor, look.tree) ?? Seconds(0.05),
                relativeUncertainty: 0.05,
                "type B, assumed for the power that Grace's firmware tells: 5 %"
            )
            let socket = label.split { !$0.isNumber }.last ?? "0"
            if part == .module { sensor.channel.hardware = "module/\(socket)" }
            found.append((part, socket, sensor))
        }
        return found.map { part, socket, sensor in
            let wider = Part.allCases.prefix { $0 != part }.filter { $0 == .module || $0 == .grace }
            let outer = wider.reversed().compactMap { wide in
                found.first { $0.part == wide && $0.socket == socket }?.sensor.channel.name
            }.first
            return sensor.contained(in: outer)
        }
    }

    /// Meters without such a label: the input of a whole server, averaged over seconds.
    static func nodes(_ monitors: [Monitor], _ look: inout Look) -> [Sensor] {
        var meters: [Sensor] = []
        for monitor in monitors where monitor.text("power1_oem_info", look.tree).flatMap({ Part($0) }) == nil {
            guard let path = monitor.file("power1_average", look.tree) ?? monitor.file("power1_input", look.tree)
            else { continue }
            if monitor.text("power1_is_battery", look.tree) == "1" {
                look.notes.append("\(path) is a battery's meter: left out.")
                continue
            }
            guard look.gives(path) else { continue }
            var meter = Sensor.power(
                monitor.channelName("node"),
                .node,
                "node",
                file: path,
                window: window(monitor, look.tree) ?? Seconds(1),
                relativeUncertainty: 0.05,
                "type B, assumed for a server's own power meter: 5 %"
            )
            meter.channel.note = "coarse: a mean over \(meter.channel.updatePeriod.value) s"
            meters.append(meter)
        }
        guard meters.count > 1 else { return meters }
        look.warnings.append(
            "There are \(meters.count) power meters and no word of what each one sees: they are shown and not added."
        )
        return meters.map { meter in
            var alone = meter
            alone.channel.inTotal = false
            return alone
        }
    }

    private static func window(_ monitor: Monitor, _ tree: FileTree) -> Seconds? {
        guard let text = monitor.text("power1_average_interval", tree), let milliseconds = Double(text),
            milliseconds > 0
        else { return nil }
        return Seconds(milliseconds / 1000)
    }
}
