import Metering
import Quantities

extension PowercapSurvey {
    /// The public name of every zone: `powercap/package-0`, `powercap/package-0/dram`, `powercap/psys`.
    static func names(_ zones: [Zone], isAMD: Bool) -> [String: String] {
        var names: [String: String] = [:]
        var taken: Set<String> = []
        for zone in zones {
            let parent = zone.parentID.flatMap { names[$0] }
            let isRAPL = zone.controlType.hasPrefix("intel-rapl")
            var name = (parent ?? (isRAPL ? "powercap" : "powercap/\(zone.controlType)")) + "/" + zone.name
            if !taken.insert(name).inserted { name += "@" + zone.id }
            taken.insert(name)
            names[zone.id] = name
        }
        return names
    }

    /// The channel of a zone; what contains what follows the domain's name, not its place in the tree.
    static func channel(
        _ zone: Zone,
        _ name: String,
        among zones: [Zone],
        names: [String: String],
        isAMD: Bool
    ) -> Channel {
        let isRAPL = zone.controlType.hasPrefix("intel-rapl")
        let domain = Domain(zone.name, isRAPL: isRAPL)
        let platform = zones.first { Domain($0.name, isRAPL: true) == .psys }.flatMap { names[$0.id] }
        let parent = zone.parentID.flatMap { names[$0] }
        var channel = Channel(
            name: name,
            device: .cpu,
            domain: domain == .package ? "package" : zone.name,
            kind: .energyCounter(joulesPerCount: 1e-6, range: zone.range),
            basis: .measured,
            inTotal: domain == .package || domain == .dram,
            relativeUncertainty: 0.03,
            uncertaintySource: "type B: RAPL package against wall and shunt meters, 3 %",
            updatePeriod: Seconds(0.001),
            maximumPower: Watts(1000),
            source: zone.energyPath
        )
        switch domain {
        case .package:
            channel.containedIn = platform
        case .dram:
            channel.device = .memory
            channel.containedIn = platform
            channel.relativeUncertainty = 0.05
            channel.uncertaintySource = "type B: RAPL dram against shunt meters, 5 %"
            // Client parts have a graphics domain or a platform domain; their dram is computed, not measured.
            if zones.contains(where: { ["uncore", "psys"].contains($0.name) }) {
                channel.note = "computed by the processor from activity on client parts"
            }
        case .part:
            channel.containedIn = parent
            if zone.name == "core", isAMD { channel.note = "one core only" }
        case .psys:
            channel.device = .platform
            channel.relativeUncertainty = 0.05
            channel.uncertaintySource = "type B: platform domain, calibrated by the board's vendor if at all, 5 %"
            channel.maximumPower = Watts(5000)
            channel.note = "the whole platform; never added to its parts"
        case .unknown:
            channel.device = .other
            channel.containedIn = parent
            channel.relativeUncertainty = 0.1
            channel.uncertaintySource = "type B: a domain without published comparison, 10 %"
            channel.note = "what this domain contains is unknown; never added"
        }
        return channel
    }

    /// What a domain's name says of its energy.
    enum Domain {
        case package, dram, part, psys, unknown

        init(_ name: String, isRAPL: Bool) {
            self =
                switch name {
                case _ where !isRAPL: .unknown
                case _ where name.hasPrefix("package"): .package
                case "dram": .dram
                case "core", "uncore": .part
                case "psys": .psys
                default: .unknown
                }
        }
    }
}
