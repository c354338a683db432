public import Metering

/// What the processor's make says about its domains.
public struct Chip: Sendable, Hashable {
    /// Whether `core` is one core's counter, not the sum of all (MSR 0xC001029A).
    let isAMD: Bool
    /// Whether it is an Intel processor from before Haswell, which has no current sensor.
    let isBeforeHaswell: Bool
    /// Whether its memory controller is that of a client part, where `dram` is computed from activity.
    let isClient: Bool

    /// Sandy Bridge, its server, Ivy Bridge, its server: the models of family 6 with RAPL before Haswell.
    private static let beforeHaswell: Set<Int> = [0x2A, 0x2D, 0x3A, 0x3E]
    /// Servers of family 6, from Sandy Bridge to Sierra Forest and Granite Rapids, and Xeon Phi.
    private static let servers: Set<Int> = [
        0x2D, 0x3E, 0x3F, 0x4F, 0x55, 0x56, 0x57, 0x6A, 0x6C, 0x85, 0x8F, 0xAD, 0xAE, 0xAF, 0xCF,
    ]
    /// 2^32 - 1 units: of 2^-16 J, the range of Zen's package, and of 1 J, that of a server's platform domain.
    private static let zenRange: UInt64 = 65_532_610_987
    private static let joulesRange: UInt64 = 4_294_967_295_000_000

    /// Looks at the first processor of `/proc/cpuinfo`, and at the counters that there are.
    public init(_ tree: FileTree, _ counters: [Counter]) {
        let lines = (tree.beginning("/proc/cpuinfo") ?? "").split(separator: "\n")
        func value(_ key: String) -> Substring? {
            lines.first { $0.hasPrefix(key + "\t") || $0.hasPrefix(key + " :") }?.split(separator: " ").last
        }
        let vendor = value("vendor_id")
        let model = value("cpu family") == "6" ? value("model").flatMap { Int($0) } : nil
        let isIntel = vendor == "GenuineIntel"
        // A recorded tree without the vendor: Zen is known by its range.
        isAMD =
            vendor.map { $0 == "AuthenticAMD" || $0 == "HygonGenuine" }
            ?? counters.contains { $0.domain == .package && $0.range == Self.zenRange }
        isBeforeHaswell = isIntel && model.map(Self.beforeHaswell.contains) ?? false
        let isServer = isIntel && model.map(Self.servers.contains) ?? false
        isClient =
            !isServer
            && counters.contains { $0.domain == .uncore || ($0.domain == .psys && $0.range != Self.joulesRange) }
    }
}
