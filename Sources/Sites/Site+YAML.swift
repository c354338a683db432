internal import Carbon
public import Configuration
internal import Quantities

extension ConfigurationNode.Kind {
    /// What messages say of profiles.
    static let site = Self(
        noun: "A site profile",
        opening: "Begin with `name:`, `title:` and `place:`; `wattbook site archer2 --yaml` prints an example.",
        correction: "Correct the line."
    )
}

extension Site {
    /// Reads a profile from its text and checks every value.
    ///
    /// - Throws: `ConfigurationError` that names the file, the line and what to do.
    public init(yaml text: String, path: String) throws(ConfigurationError) {
        let root = try ConfigurationNode(text: text, path: path, kind: .site)
        self.init(name: "")
        let keys = [
            "name", "title", "place", "zone", "pue", "unmeasured_factor", "intensity", "embodied_per_node_hour",
            "node_types", "price_per_kwh", "allocation", "notes",
        ]
        for (key, _, value) in try root.members(keys) {
            switch key {
            case "name": name = try Self.name(value)
            case "title": title = try value.text()
            case "place": place = try value.text()
            case "zone": zone = try Self.zone(value)
            case "pue": pue = try sourced(value) { node throws(ConfigurationError) in try factor(node) }
            case "unmeasured_factor":
                unmeasuredFactor = try sourced(value) { node throws(ConfigurationError) in try factor(node) }
            case "intensity": try readIntensity(value)
            case "embodied_per_node_hour": embodiedPerNodeHour = try readEmbodied(value)
            case "node_types":
                for (key, _, value) in try value.members() { nodeTypes.append(try readNodeType(key, value)) }
            case "price_per_kwh":
                pricePerKilowattHour = try sourced(value) { node throws(ConfigurationError) in
                    try price(node, per: "kWh")
                }
            case "allocation": allocation = try allocationUnit(value)
            default:
                for entry in try value.entries() { notes.append(try entry.text()) }
            }
        }
        for (key, value) in [("name", name), ("title", title), ("place", place)] where value.isEmpty {
            throw ConfigurationError(
                path: path,
                line: 1,
                problem: "The key `\(key)` is missing.",
                remedy: "Add a line `\(key): ...`."
            )
        }
        try checkNames(root)
    }

    private static func name(_ node: ConfigurationNode) throws(ConfigurationError) -> String {
        let name = try node.text()
        let isPlain = name.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-"
        }
        guard isPlain else { throw node.error("must be of small letters, digits and hyphens, as `my-lab`") }
        return name
    }

    private static func zone(_ node: ConfigurationNode) throws(ConfigurationError) -> String {
        let text = try node.text()
        do throws(CarbonError) {
            return try GridTable.standard().zone(text).code
        } catch {
            throw ConfigurationError(path: node.path, line: node.line, problem: error.problem, remedy: error.remedy)
        }
    }

    private mutating func readIntensity(_ node: ConfigurationNode) throws(ConfigurationError) {
        for (key, _, value) in try node.members(["location", "market"]) {
            let isMarket = key == "market"
            var basis = isMarket ? Intensity.Basis.contract : .unknown
            let number = try sourced(
                value,
                also: ["basis"],
                { (key, node) throws(ConfigurationError) in basis = try word(node) }
            ) { node throws(ConfigurationError) in
                let value = try node.quantity([("g/kWh", 1), ("kg/kWh", 1000), ("kg/MWh", 1), ("t/MWh", 1000)])
                guard value >= 0, value < 2000 else { throw node.error("must lie between 0 and 2000 g/kWh") }
                return GramsPerKilowattHour(value)
            }
            let intensity = Sourced(Intensity(number.value, basis: basis), number.provenance)
            if isMarket { marketIntensity = intensity } else { locationIntensity = intensity }
        }
    }

    /// Conversions speak of node types that are there.
    private func checkNames(_ root: ConfigurationNode) throws(ConfigurationError) {
        for conversion in allocation?.conversions ?? [] {
            guard let type = conversion.value.nodeType, nodeType(type) == nil else { continue }
            let line = try root.members().first { $0.key == "allocation" }?.line ?? 1
            throw ConfigurationError(
                path: root.path,
                line: line,
                problem: "A conversion speaks of the node type `\(type)`, which the profile does not have.",
                remedy: nodeTypes.isEmpty
                    ? "Add it under `node_types`."
                    : "Its node types are \(nodeTypes.map(\.name).joined(separator: ", "))."
            )
        }
    }
}
