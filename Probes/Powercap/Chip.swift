import Metering

/// What the processor's make says about its domains.
struct Chip: Hashable {
    /// Whether `core` is one core's counter, read on the package's first processor only (MSR 0xC001029A).
    let isAMD: Bool
    /// Whether `dram` is computed from activity, as on client parts.
    let computesMemory: Bool

    init(_ zones: [Zone], _ tree: FileTree) {
        if let cpuinfo = tree.beginning("/proc/cpuinfo") {
            isAMD = cpuinfo.split(separator: "\n").contains { line in
                line.hasPrefix("vendor_id") && (line.hasSuffix("AuthenticAMD") || line.hasSuffix("HygonGenuine"))
            }
        } else {
            // A recorded tree without it: 2^32 - 1 units of 2^-16 J are the range of Zen's package.
            isAMD = zones.contains { $0.isRAPL && $0.place.hasPrefix("package") && $0.range == 65_532_610_987 }
        }
        // Clients have a graphics domain or a platform domain in small units; servers' platform domain counts in joules.
        computesMemory = zones.contains { zone in
            zone.isRAPL && (zone.name == "uncore" || (zone.name == "psys" && zone.range != 4_294_967_295_000_000))
        }
    }
}
