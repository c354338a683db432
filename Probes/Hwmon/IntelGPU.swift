import Metering
import Quantities

/// Intel's GPUs on cards of their own: energy counters of the drivers `i915` and `xe`.
///
/// Both drivers keep a 32-bit register in 64 bits, but only when somebody reads: at least every 2 minutes, which every
/// interval of the sampler (60 s at most) does.
enum IntelGPU {
    /// The card's counters, and those of tiles and packages in it.
    static func sensors(_ monitors: [Monitor], _ look: inout Look) -> (sensors: [Sensor], names: [String]) {
        var sensors: [Sensor] = []
        var names: [String] = []
        let cards = monitors.filter { $0.name == "i915" || $0.name == "xe" }
        for card in cards {
            let found = counters(card, &look)
            guard var first = found.first else { continue }
            first.channel.hardware = "gpu/" + card.address
            sensors.append(first)
            sensors += found.dropFirst().map { $0.contained(in: first.channel.name) }
            let tiles = monitors.filter { $0.name.hasPrefix("i915_gt") && $0.address == card.address }
            sensors += tiles.flatMap { counters($0, &look) }.map { $0.contained(in: first.channel.name) }
            names.append(look.tree.line(card.path + "/device/device").map { "Intel GPU \($0)" } ?? "Intel GPU")
        }
        return (sensors, names)
    }

    private static func counters(_ monitor: Monitor, _ look: inout Look) -> [Sensor] {
        monitor.numbered("energy", "_input", look.tree).prefix(2).filter { look.gives($0.path) }.map { counter in
            let usual = monitor.name.hasPrefix("i915_gt") ? "tile" : counter.number == 1 ? "card" : "package"
            return Sensor.energy(
                monitor.channelName(monitor.text("energy\(counter.number)_label", look.tree) ?? usual),
                .gpu,
                usual,
                file: counter.path,
                updatePeriod: Seconds(0.01),
                relativeUncertainty: 0.05,
                "type B, assumed for the energy that Intel's GPUs count: 5 %"
            )
        }
    }
}
