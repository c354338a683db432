public import Quantities

/// A computing centre or laboratory with the figures that turn joules into carbon, money and its unit of account.
///
/// What nobody published is `nil`; nothing is implied.
public struct Site: Sendable, Hashable {
    /// A short name in lower case, as `archer2`.
    public var name: String
    public var title: String
    /// City and country.
    public var place: String
    /// A code of the table of grids, as `DE`; `nil` where none is given.
    public var zone: String?
    /// Facility energy over IT energy, at least 1.
    public var pue: Sourced<Double>?
    /// All IT energy over that of the nodes: switches, storage, cooling units.
    ///
    /// It stands beside the PUE.
    public var unmeasuredFactor: Sourced<Double>?
    /// The average of the grid where the centre stands.
    public var locationIntensity: Sourced<Intensity>?
    /// What the centre's contracts say.
    public var marketIntensity: Sourced<Intensity>?
    /// Manufacture and end of life, spread over the node's life.
    public var embodiedPerNodeHour: Sourced<GramsCO2e>?
    public var nodeTypes: [NodeType]
    /// Of electricity.
    public var pricePerKilowattHour: Sourced<Price>?
    public var allocation: AllocationUnit?
    /// What else a user must know, a sentence each.
    public var notes: [String]

    /// A profile without figures.
    public init(name: String, title: String = "", place: String = "") {
        self.name = name
        self.title = title
        self.place = place
        nodeTypes = []
        notes = []
    }

    /// The node type of this name.
    public func nodeType(_ name: String) -> NodeType? { nodeTypes.first { $0.name == name } }

    /// What a node-hour of a type costs in manufacture; of the centre where the type says nothing.
    public func embodied(of type: NodeType?) -> Sourced<GramsCO2e>? { type?.embodiedPerNodeHour ?? embodiedPerNodeHour }
}

/// A carbon intensity with what it counts.
public struct Intensity: Sendable, Hashable {
    /// What an intensity counts; figures of two kinds are never compared.
    public enum Basis: String, Sendable, Hashable, CaseIterable {
        case lifeCycle = "life-cycle"
        case direct
        /// Certificates or contracts.
        case contract
        /// The source does not say.
        case unknown
    }

    public var value: GramsPerKilowattHour
    public var basis: Basis

    /// An intensity of one kind.
    public init(_ value: GramsPerKilowattHour, basis: Basis) {
        self.value = value
        self.basis = basis
    }
}

/// Money for one of a unit.
public struct Price: Sendable, Hashable {
    public var amount: Double
    /// ISO 4217, as `EUR`.
    public var currency: String
    /// `kWh`, or the centre's unit.
    public var unit: String

    /// A price.
    public init(amount: Double, currency: String, unit: String) {
        self.amount = amount
        self.currency = currency
        self.unit = unit
    }
}

/// The nodes of one kind.
public struct NodeType: Sendable, Hashable {
    public var name: String
    /// Physical cores of a node; `nil` where the source does not say.
    public var cores: Int?
    /// GPUs of a node, as the centre counts them.
    public var gpus: Int
    public var description: String?
    /// Mean power of a node in use: what stands in where no energy was measured.
    public var meanPower: Sourced<Watts>?
    public var embodiedPerNodeHour: Sourced<GramsCO2e>?
    public var provenance: Provenance

    /// A kind of nodes.
    public init(name: String, cores: Int? = nil, gpus: Int = 0, provenance: Provenance) {
        self.name = name
        self.cores = cores
        self.gpus = gpus
        self.provenance = provenance
    }
}
