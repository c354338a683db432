/// The part of a processor, or of its board, that a RAPL counter speaks of.
public enum Domain: Sendable, Hashable {
    /// A processor package, or one die of it where dies count for themselves.
    case package
    /// The memory beside a package.
    case dram
    /// The cores of a package; on AMD one core.
    case core
    /// What a package holds beside the cores: graphics on client parts.
    case uncore
    /// The whole platform.
    case psys
    /// A name that says nothing of what the counter contains.
    case unknown

    /// The domain of a name in the powercap driver's words, as `package-0-die-1`.
    public init(named name: String) {
        self =
            switch name {
            case _ where name.hasPrefix("package-"): .package
            case "dram": .dram
            case "core": .core
            case "uncore": .uncore
            case "psys": .psys
            default: .unknown
            }
    }
}
