import Metering
import Quantities

extension PowercapSurvey {
    /// The public name of every zone: `powercap/package-0`, `powercap/package-0/dram`, `powercap/psys`.
    ///
    /// Zones that cannot be read have theirs too, so that a name does not change with permissions.
    static func names(_ zones: [Zone]) -> [String: String] {
        var names: [String: String] = [:]
        var taken: Set<String> = []
        for zone in zones {
            var name = "powercap/" + zone.place
            if taken.contains(name) { name += "@" + zone.id }
            taken.insert(name)
            names[zone.id] = name
        }
        return names
    }

    /// The channel of a zone; what contains what follows the domain's name, not its place in the tree.
    static func channel(_ zone: Zone, among zones: [Zone], names: [String: String], chip: Chip) -> Channel {
        let domain = Domain(zone)
        let platform = zones.first { Domain($0) == .psys }.flatMap { names[$0.id] }
        let hasPackage = zones.contains { Domain($0) == .package }
        // The zone around it by place, since of two views of one package only one is kept.
        let end = zone.place.lastIndex(of: "/") ?? zone.place.startIndex
        let parent = zones.first { $0.place == zone.place[..<end] }.flatMap { names[$0.id] }
        var channel = Channel(
            name: names[zone.id] ?? zone.id,
            device: .cpu,
            domain: domain == .package ? "package" : zone.name,
            kind: .energyCounter(joulesPerCount: 1e-6, range: zone.range),
            basis: .measured,
            inTotal: domain == .package || (domain == .dram && (hasPackage || platform == nil)),
            relativeUncertainty: 0.03,
            uncertaintySource: "type B, assumed for RAPL packages: 3 %",
            updatePeriod: Seconds(0.001),
            maximumPower: Watts(1000),
            source: zone.energyPath,
            hardware: zone.isRAPL ? "rapl/" + zone.place : nil
        )
        switch domain {
        case .package:
            channel.containedIn = platform
        case .dram:
            channel.device = .memory
            channel.containedIn = platform
            channel.relativeUncertainty = 0.05
            channel.uncertaintySource = "type B, assumed for RAPL dram: 5 %"
            if chip.computesMemory { channel.note = "computed by the processor from activity, as on client parts" }
        case .part:
            channel.containedIn = parent ?? platform
            if zone.name == "core", chip.isAMD { channel.note = "one core only" }
        case .psys:
            channel.device = .platform
            channel.relativeUncertainty = 0.05
            channel.uncertaintySource = "type B, assumed for RAPL psys: 5 %; calibrated by the board's vendor if at all"
            channel.maximumPower = Watts(5000)
            // Alone, instead of the sum, where no package can be read.
            channel.inTotal = !hasPackage && channel.name == platform
            channel.note = "the whole platform; never added to its parts"
        case .unknown:
            channel.device = .other
            channel.containedIn = parent
            channel.relativeUncertainty = 0.1
            channel.uncertaintySource = "type B, assumed for a domain without published comparison: 10 %"
            channel.note = "what this domain contains is unknown; never added"
        }
        return channel
    }

    /// What a domain's name says of its energy.
    enum Domain {
        case package, dram, part, psys, unknown

        init(_ zone: Zone) {
            self =
                switch zone.name {
                case _ where !zone.isRAPL: .unknown
                case _ where zone.name.hasPrefix("package-"): .package
                case "dram": .dram
                case "core", "uncore": .part
                case "psys": .psys
                default: .unknown
                }
        }
    }
}
