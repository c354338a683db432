public import Carbon
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
    /// What makes grams of joules and hours, as of any run.
    public var carbon: CarbonSettings
    private var rates: CarbonRates
    public var price: Price?
    /// Every figure that is used, and where it comes from.
    public var sources: [Source]

    /// The figures of a site, or those that hold where none is named: hours, and joules at the sensors.
    init(site: Site?, node: NodeType) throws(CarbonError) {
        self.node = node
        units = site?.unitsPerNodeHour(of: node)
        carbon = try (site?.carbonSettings(nodeType: node) ?? CarbonSettings()).pinned()
        rates = try CarbonRates(carbon)
        overhead = carbon.unmeasuredFactor * (carbon.pue ?? 1)
        price = site?.pricePerKilowattHour?.value
        sources = []
        add("Intensity, location-based", carbon.intensity)
        add("Intensity, market-based", carbon.marketIntensity)
        add(
            "Hardware that no sensor sees",
            carbon.unmeasuredSource.map { _ in "factor \(carbon.unmeasuredFactor)" },
            carbon.unmeasuredSource
        )
        add("PUE", carbon.pue.map { "\($0)" }, carbon.pueSource)
        add(
            "Embodied carbon",
            carbon.embodied.map { embodied in
                "\(number(embodied.gramsPerHour)) g/node-h"
                    + (embodied.uncertainty == nil
                        ? "; no uncertainty is stated, ± \(percent(2 * embodiedUncertainty, places: 0)) is taken" : "")
            },
            carbon.embodied?.sources
        )
        add("Price of electricity", price?.words, site?.pricePerKilowattHour?.provenance.citation)
        if let units, let rule = units.conversion {
            add(
                "Unit of account",
                "1 \(rule.value.base.rawValue) = \(number(rule.value.factor)) \(units.unit)",
                rule.provenance.citation
            )
        }
        if node.provenance.source != "" {
            let gpus = node.gpus > 0 ? ", \(node.gpus) GPUs" : ""
            add(
                "Node type \(node.name)",
                "\(node.cores.map { "\($0) cores" } ?? "cores not known")\(gpus)",
                node.provenance.citation
            )
        }
    }

    private mutating func add(_ name: String, _ value: String?, _ source: String?) {
        guard let value, let source else { return }
        sources.append(Source(name: name, value: value, source: source))
    }

    private mutating func add(_ name: String, _ intensity: Carbon.Intensity?) {
        guard let intensity else { return }
        let basis = intensity.basis == .unstated ? "basis not stated" : intensity.basis.rawValue
        let value = "\(significant(intensity.value.value, digits: 4)) g/kWh, \(basis)"
        add(name, intensity.value.value == 0 ? "0 g/kWh" : value, intensity.source)
    }

    /// What a number of jobs takes, from node-hours and the joules of the nodes.
    func resources(jobs: Int, nodeHours: Amount, nodeEnergy: Amount?) -> Resources {
        let spread = carbon.pue == nil ? 0 : 2 * pueUncertainty
        let kilowattHours = nodeEnergy?.scaled(by: overhead / joulesPerKilowattHour, relative: spread)
        let grams = { (rate: Double?, intensity: Carbon.Intensity?) in
            rate.flatMap { rate in
                let own = 2 * (intensity?.uncertainty ?? intensityUncertainty)
                let relative = (spread * spread + own * own).squareRoot()
                return nodeEnergy?.scaled(by: rate / 1000, relative: relative)
            }
        }
        return Resources(
            jobs: jobs,
            nodeHours: nodeHours,
            coreHours: node.cores.map { nodeHours.scaled(by: Double($0)) },
            gpuHours: node.gpus > 0 ? nodeHours.scaled(by: Double(node.gpus)) : nil,
            units: units.map { nodeHours.scaled(by: $0.factor) },
            nodeEnergy: nodeEnergy?.scaled(by: 1 / joulesPerKilowattHour),
            energy: kilowattHours,
            location: grams(rates.location, carbon.intensity),
            market: grams(rates.market, carbon.marketIntensity),
            embodied: rates.embodied.map {
                nodeHours.scaled(
                    by: $0 * 3600 / 1000,
                    relative: 2 * (carbon.embodied?.uncertainty ?? embodiedUncertainty)
                )
            },
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
