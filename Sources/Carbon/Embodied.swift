/// Hours in a year, as the SCI specification's own example counts them.
public let hoursPerYear = 8760.0

/// Carbon of making the hardware, and how a run gets its share of it.
///
/// Either a site's figure a node-hour, or `M = TE × TiR/EL × RR/ToR` over the parts of a node (Software Carbon
/// Intensity 1.1, ISO/IEC 21031:2024): the total embodied, the time reserved over the life, the resources reserved
/// over all there are.
public struct Embodied: Sendable, Codable, Hashable {
    /// A part of a node, or the node as a whole.
    public struct Item: Sendable, Codable, Hashable {
        /// `node`, `cpu`, `gpu`, as a reader names it.
        public var name: String
        /// TE: of all such parts of the node together, kg CO2e.
        public var kilograms: Double
        /// EL, in years of 8760 hours.
        public var lifetimeYears: Double
        /// RR/ToR: the fraction of them that the run had for itself, above 0 and at most 1.
        public var share: Double
        public var source: String

        /// A part; the arguments are the properties of the same names.
        public init(name: String, kilograms: Double, lifetimeYears: Double, share: Double = 1, source: String) {
            self.name = name
            self.kilograms = kilograms
            self.lifetimeYears = lifetimeYears
            self.share = share
            self.source = source
        }

        /// Grams an hour of a node.
        public var gramsPerHour: Double { kilograms * 1000 / (lifetimeYears * hoursPerYear) * share }
    }

    /// Years that a server lives where nobody said (Cloud Carbon Footprint: 35040 h).
    public static let standardLifetime = 4.0

    /// A figure for a whole node-hour, g CO2e, in place of ``items``.
    public var gramsPerNodeHour: Double?
    /// Who publishes ``gramsPerNodeHour``.
    public var source: String?
    public var items: [Item]
    /// Relative standard uncertainty; ``embodiedUncertainty`` where nobody said.
    public var uncertainty: Double?

    /// A site's figure for a node-hour, g CO2e.
    public init(gramsPerNodeHour: Double, source: String, uncertainty: Double? = nil) {
        self.gramsPerNodeHour = gramsPerNodeHour
        self.source = source
        self.items = []
        self.uncertainty = uncertainty
    }

    /// The parts of a node.
    public init(items: [Item], uncertainty: Double? = nil) {
        self.items = items
        self.uncertainty = uncertainty
    }

    /// Grams of an hour of a node.
    public var gramsPerHour: Double { gramsPerNodeHour ?? items.reduce(0) { $0 + $1.gramsPerHour } }

    /// Who says so, each once.
    public var sources: String {
        guard gramsPerNodeHour == nil else { return source ?? "given by the user" }
        var seen: Set<String> = []
        return items.map(\.source).filter { seen.insert($0).inserted }.joined(separator: "; ")
    }
}
