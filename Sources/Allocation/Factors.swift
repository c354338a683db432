internal import Carbon
internal import Quantities
public import Sites

/// The site's figures that turn node-hours and joules into its unit, carbon and money, each with its source.
public struct Factors: Sendable, Hashable {
    /// One figure in words with its source, for the table of factors.
    public struct Source: Sendable, Hashable {
        public var name: String
        public var value: String
        public var source: String
    }

    /// The nodes that are asked for.
    public var node: NodeType
    public var units: UnitsPerNodeHour?
    /// All IT energy over that of the nodes, times facility energy over IT energy.
    public var overhead: Double
    /// Relative half width (95 %) of ``overhead``.
    public var overheadUncertainty: Double
    /// In g/kWh.
    public var location: Double?
    public var locationUncertainty: Double
    public var market: Double?
    /// In g/node-h.
    public var embodied: Double?
    public var price: Price?
    /// Every figure that is used, and where it comes from.
    public var sources: [Source]

    /// The figures of a site, or those that hold where none is named: hours, and joules at the sensors.
    init(site: Site?, node: NodeType) throws(CarbonError) {
        self.node = node
        units = site?.unitsPerNodeHour(of: node)
        overhead = (site?.unmeasuredFactor?.value ?? 1) * (site?.pue?.value ?? 1)
        overheadUncertainty = site?.pue == nil ? 0 : 2 * pueUncertainty
        market = site?.marketIntensity?.value.value.value
        embodied = site?.embodied(of: node)?.value.value
        price = site?.pricePerKilowattHour?.value
        (location, locationUncertainty, sources) = (nil, 2 * intensityUncertainty, [])
        if let own = site?.locationIntensity {
            location = own.value.value.value
            add(
                "Intensity, location-based",
                "\(significant(own.value.value.value, digits: 4)) g/kWh, \(own.value.basis.rawValue)",
                own.provenance
            )
        } else if let zone = try site?.zone.map({ code throws(CarbonError) in try GridTable.standard().zone(code) }) {
            location = zone.intensity.value
            sources.append(
                Source(
                    name: "Intensity, location-based",
                    value:
                        "\(significant(zone.intensity.value, digits: 4)) g/kWh, \(zone.basis.rawValue), \(zone.name)",
                    source: zone.citation
                )
            )
        }
        add("Intensity, market-based", market.map { "\(number($0)) g/kWh" }, site?.marketIntensity?.provenance)
        add(
            "Hardware that no sensor sees",
            site?.unmeasuredFactor.map { "factor \($0.value)" },
            site?.unmeasuredFactor?.provenance
        )
        add("PUE", site?.pue.map { "\($0.value)" }, site?.pue?.provenance)
        add("Embodied carbon", embodied.map { "\(number($0)) g/node-h" }, site?.embodied(of: node)?.provenance)
        add("Price of electricity", price?.words, site?.pricePerKilowattHour?.provenance)
        if let units, let rule = units.conversion {
            add(
                "Unit of account",
                "1 \(rule.value.base.rawValue) = \(number(rule.value.factor)) \(units.unit)",
                rule.provenance
            )
        }
        if node.provenance.source != "" {
            let gpus = node.gpus > 0 ? ", \(node.gpus) GPUs" : ""
            add(
                "Node type \(node.name)",
                "\(node.cores.map { "\($0) cores" } ?? "cores not known")\(gpus)",
                node.provenance
            )
        }
    }

    private mutating func add(_ name: String, _ value: String?, _ provenance: Provenance?) {
        guard let value, let provenance else { return }
        sources.append(Source(name: name, value: value, source: provenance.citation))
    }

    /// What a number of jobs takes, from node-hours and the joules of the nodes.
    func resources(jobs: Int, nodeHours: Amount, nodeEnergy: Amount?) -> Resources {
        let energy = nodeEnergy?.scaled(by: overhead, relative: overheadUncertainty)
        let kilowattHours = energy?.scaled(by: 1 / joulesPerKilowattHour)
        return Resources(
            jobs: jobs,
            nodeHours: nodeHours,
            coreHours: node.cores.map { nodeHours.scaled(by: Double($0)) },
            gpuHours: node.gpus > 0 ? nodeHours.scaled(by: Double(node.gpus)) : nil,
            units: units.map { nodeHours.scaled(by: $0.factor) },
            nodeEnergy: nodeEnergy?.scaled(by: 1 / joulesPerKilowattHour),
            energy: kilowattHours,
            location: location.flatMap { factor in
                kilowattHours?.scaled(by: factor / 1000, relative: locationUncertainty)
            },
            market: market.flatMap { factor in kilowattHours?.scaled(by: factor / 1000) },
            embodied: embodied.map { nodeHours.scaled(by: $0 / 1000) },
            price: price.flatMap { price in kilowattHours?.scaled(by: price.amount) }
        )
    }
}

/// What jobs take of a centre; `nil` where nothing tells.
public struct Resources: Sendable, Hashable {
    public var jobs: Int
    public var nodeHours: Amount
    public var coreHours: Amount?
    public var gpuHours: Amount?
    /// In the centre's own unit.
    public var units: Amount?
    /// kWh of the nodes, as sensors see them.
    public var nodeEnergy: Amount?
    /// kWh with unseen hardware and the facility.
    public var energy: Amount?
    /// kg CO2e by the grid's average.
    public var location: Amount?
    /// kg CO2e by the centre's contracts.
    public var market: Amount?
    /// kg CO2e of manufacture.
    public var embodied: Amount?
    /// In the currency of the site's price.
    public var price: Amount?

    /// Several parts together; what one of them lacks is not known of the sum.
    static func + (a: Resources, b: Resources) -> Resources {
        let sum = { (path: KeyPath<Resources, Amount?>) -> Amount? in
            a[keyPath: path].flatMap { x in b[keyPath: path].map { x + $0 } }
        }
        return Resources(
            jobs: a.jobs + b.jobs,
            nodeHours: a.nodeHours + b.nodeHours,
            coreHours: sum(\.coreHours),
            gpuHours: sum(\.gpuHours),
            units: sum(\.units),
            nodeEnergy: sum(\.nodeEnergy),
            energy: sum(\.energy),
            location: sum(\.location),
            market: sum(\.market),
            embodied: sum(\.embodied),
            price: sum(\.price)
        )
    }

    /// A share of the same jobs.
    func scaled(by share: Double) -> Resources {
        var result = self
        result.jobs = Int((Double(jobs) * share).rounded())
        result.nodeHours = nodeHours.scaled(by: share)
        let parts: [WritableKeyPath<Resources, Amount?>] = [
            \.coreHours, \.gpuHours, \.units, \.nodeEnergy, \.energy, \.location, \.market, \.embodied, \.price,
        ]
        for path in parts { result[keyPath: path] = self[keyPath: path]?.scaled(by: share) }
        return result
    }
}
