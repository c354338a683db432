import Metering
import RAPL

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

    /// The channels of zones; what other control types than RAPL contain is unknown.
    static func channels(_ zones: [Zone], names: [String: String], _ tree: FileTree) -> [Channel] {
        let counters = zones.map { zone in
            Counter(
                name: names[zone.id] ?? zone.id,
                place: zone.place,
                domain: zone.isRAPL ? Domain(named: zone.name) : .unknown,
                joulesPerCount: 1e-6,
                range: zone.range,
                source: zone.energyPath
            )
        }
        return Chip(tree, counters).channels(of: counters)
    }
}
