public import Quantities

/// What jobs cost at a site: energy line by line, and CO2e by each accounting rule.
///
/// The lines add before anything is rounded. The method is that of ARCHER2 (its user guide, "Energy use"): nodes, other
/// hardware on top of the nodes, plant overhead on top of both; manufacture by node-hours. A line that the site gives
/// no figure for is nothing where it is a factor, and `nil` where it is grams.
public struct FacilityAccount: Sendable, Hashable {
    /// Nodes times hours.
    public var nodeHours: Double
    /// Of the compute nodes.
    public var nodeEnergy: Joules
    /// The part of ``nodeEnergy`` that a mean power stands in for, since nothing was measured.
    public var estimatedEnergy: Joules
    /// Of hardware that no counter sees: switches, storage, cooling units.
    public var otherHardware: Joules
    /// Of the plant: cooling and power supply.
    public var overhead: Joules
    /// By the grid's average where and when the jobs ran.
    public var location: GramsCO2e?
    /// By the site's contracts.
    public var market: GramsCO2e?
    /// Of manufacture.
    public var embodied: GramsCO2e?

    /// The sum of the three lines.
    public var energy: Joules { nodeEnergy + otherHardware + overhead }
    /// Location-based with embodied; `nil` where one is not known.
    public var totalLocation: GramsCO2e? { sum(location, embodied) }
    /// Market-based with embodied; `nil` where one is not known.
    public var totalMarket: GramsCO2e? { sum(market, embodied) }

    private func sum(_ a: GramsCO2e?, _ b: GramsCO2e?) -> GramsCO2e? { a.flatMap { a in b.map { a + $0 } } }
}

extension FacilityAccount {
    /// One job as a batch system knows it.
    public struct Use: Sendable, Hashable {
        public var nodes: Int
        public var time: Seconds
        /// Of the nodes; `nil` where nothing was measured.
        public var energy: Joules?
        /// The grid when the job started; `nil`: the site's yearly figure.
        public var intensity: GramsPerKilowattHour?

        /// A job; the arguments are the properties of the same names.
        public init(nodes: Int, time: Seconds, energy: Joules?, intensity: GramsPerKilowattHour? = nil) {
            self.nodes = nodes
            self.time = time
            self.energy = energy
            self.intensity = intensity
        }

        var nodeHours: Double { Double(nodes) * time.value / 3600 }
    }

    /// The account of one job; `nil` where it has no energy and the node type no mean power.
    ///
    /// - Parameter type: The nodes that it ran on; `nil` where the site tells none.
    public init?(of use: Use, at site: Site, nodeType type: NodeType?) {
        let standIn = type?.meanPower.map { $0.value * Seconds(use.nodeHours * 3600) }
        guard let energy = use.energy ?? standIn else { return nil }
        nodeHours = use.nodeHours
        nodeEnergy = energy
        estimatedEnergy = use.energy == nil ? energy : .zero
        otherHardware = energy * ((site.unmeasuredFactor?.value ?? 1) - 1)
        overhead = (energy + otherHardware) * ((site.pue?.value ?? 1) - 1)
        let whole = energy + otherHardware + overhead
        location = (use.intensity ?? site.locationIntensity?.value.value).map { whole * $0 }
        market = (site.marketIntensity?.value.value).map { whole * $0 }
        embodied = (site.embodied(of: type)?.value).map { $0 * use.nodeHours }
    }

    /// The accounts of several jobs together; grams that one of them lacks are `nil`.
    ///
    /// Each job keeps its own intensity: a sum of energy times a mean or median intensity would be another number.
    public init(adding accounts: [FacilityAccount]) {
        nodeHours = accounts.reduce(0) { $0 + $1.nodeHours }
        nodeEnergy = accounts.reduce(.zero) { $0 + $1.nodeEnergy }
        estimatedEnergy = accounts.reduce(.zero) { $0 + $1.estimatedEnergy }
        otherHardware = accounts.reduce(.zero) { $0 + $1.otherHardware }
        overhead = accounts.reduce(.zero) { $0 + $1.overhead }
        let all = { (grams: [GramsCO2e?]) -> GramsCO2e? in
            grams.contains(nil) || grams.isEmpty ? nil : grams.compactMap(\.self).reduce(.zero, +)
        }
        location = all(accounts.map(\.location))
        market = all(accounts.map(\.market))
        embodied = all(accounts.map(\.embodied))
    }
}
