internal import Configuration
internal import Quantities

private let provenanceKeys = ["source", "read", "year", "standing", "note"]

/// A mapping with `value`, `source` and `read`; `also` are further keys, which `take` reads.
func sourced<Value>(
    _ node: ConfigurationNode,
    also further: [String] = [],
    _ take: (String, ConfigurationNode) throws(ConfigurationError) -> Void = { (_, _) throws(ConfigurationError) in },
    _ read: (ConfigurationNode) throws(ConfigurationError) -> Value
) throws(ConfigurationError) -> Sourced<Value> {
    guard !node.isSingle, !node.isList else {
        let text = (try? node.text()) ?? "1.2"
        throw node.error(
            "needs its source",
            remedy: "Write `{value: \(text), source: ADDRESS OR DOCUMENT, read: 2026-11-26}`."
        )
    }
    var value: Value?
    for (key, _, member) in try node.members(["value"] + further + provenanceKeys) {
        if key == "value" { value = try read(member) } else if further.contains(key) { try take(key, member) }
    }
    guard let value else { throw node.error("has no `value`") }
    return Sourced(value, try provenance(node))
}

/// The provenance among a mapping's members.
func provenance(_ node: ConfigurationNode) throws(ConfigurationError) -> Provenance {
    var result = Provenance(source: "", read: "")
    for (key, _, member) in try node.members() {
        switch key {
        case "source": result.source = try member.text()
        case "read": result.read = try day(member)
        case "year": result.year = try years(member)
        case "standing": result.standing = try word(member)
        case "note": result.note = try member.text()
        default: continue
        }
    }
    guard !result.source.isEmpty, !result.read.isEmpty else {
        throw node.error(
            "has no \(result.source.isEmpty ? "`source`" : "`read`, the day on which its source was read")",
            remedy: "Add `source: ADDRESS OR DOCUMENT` and `read: 2026-11-26`."
        )
    }
    return result
}

/// One of an enumeration's words.
func word<Word: RawRepresentable & CaseIterable>(
    _ node: ConfigurationNode
) throws(ConfigurationError) -> Word where Word.RawValue == String {
    let text = try node.text()
    guard let word = Word(rawValue: text) else {
        throw node.error("is `\(text)`, and must be one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return word
}

/// A day as `2026-11-23`.
private func day(_ node: ConfigurationNode) throws(ConfigurationError) -> String {
    let text = try node.text()
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { ($0.count, Int($0) ?? 0) }
    guard parts.map(\.0) == [4, 2, 2], parts[0].1 > 1990, (1...12).contains(parts[1].1), (1...31).contains(parts[2].1)
    else { throw node.error("must be a day, as 2026-11-23") }
    return text
}

/// A year, or a span as `2024-2025`.
private func years(_ node: ConfigurationNode) throws(ConfigurationError) -> String {
    let text = try node.text()
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard !parts.isEmpty, parts.count <= 2, parts.allSatisfy({ (1990...2100).contains($0) }) else {
        throw node.error("must be a year, as 2024 or 2024-2025")
    }
    return text
}

/// A factor of 1 or more, as a PUE.
func factor(_ node: ConfigurationNode) throws(ConfigurationError) -> Double {
    let value = try node.number(least: 1)
    guard value <= 100 else { throw node.error("is \(value), and cannot be above 100") }
    return value
}

/// Grams a node-hour.
func readEmbodied(_ node: ConfigurationNode) throws(ConfigurationError) -> Sourced<GramsCO2e> {
    try sourced(node) { node throws(ConfigurationError) in
        let grams = try node.quantity([("g/node-h", 1), ("kg/node-h", 1000)])
        guard grams >= 0 else { throw node.error("cannot be below 0") }
        return GramsCO2e(grams)
    }
}

/// Money for a unit, as `0.20 EUR/kWh`.
func price(_ node: ConfigurationNode, per unit: String) throws(ConfigurationError) -> Price {
    let parts = try node.text().split(separator: " ")
    guard parts.count == 2, let amount = Double(parts[0]), amount.isFinite, amount >= 0 else {
        throw node.error("must be a price, as `0.20 EUR/\(unit)`")
    }
    let sides = parts[1].split(separator: "/", maxSplits: 1)
    guard sides.count == 2, sides[1] == unit, sides[0].count == 3, sides[0].allSatisfy({ $0.isUppercase }) else {
        throw node.error(
            "has the unit `\(parts[1])`",
            remedy: "Write a currency for one \(unit), as `\(parts[0]) EUR/\(unit)`."
        )
    }
    return Price(amount: amount, currency: String(sides[0]), unit: unit)
}

/// A kind of nodes under its name.
func readNodeType(_ name: String, _ node: ConfigurationNode) throws(ConfigurationError) -> NodeType {
    let keys = [
        "cores", "gpus", "description", "mean_power", "embodied_per_node_hour", "source", "read", "year", "standing",
        "note",
    ]
    var type = NodeType(name: name, provenance: try provenance(node))
    for (key, _, member) in try node.members(keys) {
        switch key {
        case "cores": type.cores = try member.integer(least: 1)
        case "gpus": type.gpus = try member.integer(least: 0)
        case "description": type.description = try member.text()
        case "mean_power":
            type.meanPower = try sourced(member) { node throws(ConfigurationError) in
                let watts = try node.quantity([("W", 1), ("kW", 1000)])
                guard watts > 0, watts < 100_000 else { throw node.error("must lie between 0 and 100 kW") }
                return Watts(watts)
            }
        case "embodied_per_node_hour": type.embodiedPerNodeHour = try readEmbodied(member)
        default: continue
        }
    }
    return type
}

/// What a centre accounts in.
func allocationUnit(_ node: ConfigurationNode) throws(ConfigurationError) -> AllocationUnit {
    var allocation = AllocationUnit(unit: "")
    let members = try node.members(["unit", "conversions", "prices", "classes"])
    for (key, _, value) in members where key == "unit" { allocation.unit = try value.text() }
    guard !allocation.unit.isEmpty else { throw node.error("needs `unit`, as `unit: core-h`") }
    for (key, _, list) in members where key != "unit" {
        for entry in try list.entries() {
            switch key {
            case "conversions": allocation.conversions.append(try conversion(entry))
            case "prices":
                let unit = allocation.unit
                allocation.prices.append(
                    try sourced(entry) { node throws(ConfigurationError) in try price(node, per: unit) }
                )
            default: allocation.classes.append(try sizeClass(entry, unit: allocation.unit))
            }
        }
    }
    return allocation
}

private func conversion(
    _ node: ConfigurationNode
) throws(ConfigurationError) -> Sourced<AllocationUnit.Conversion> {
    var (base, factor, type): (AllocationUnit.Base?, Double?, String?)
    for (key, _, member) in try node.members(["from", "factor", "node_type"] + provenanceKeys) {
        switch key {
        case "from": base = try word(member)
        case "factor":
            factor = try member.number()
            guard factor ?? 0 > 0 else { throw member.error("must be above 0") }
        case "node_type": type = try member.text()
        default: continue
        }
    }
    guard let base, let factor else { throw node.error("needs `from` and `factor`, as `{from: GPU-h, factor: 24}`") }
    return Sourced(.init(base: base, factor: factor, nodeType: type), try provenance(node))
}

private func sizeClass(
    _ node: ConfigurationNode,
    unit: String
) throws(ConfigurationError) -> Sourced<AllocationUnit.SizeClass> {
    var result = AllocationUnit.SizeClass(name: "", least: nil, most: nil, unit: unit)
    for (key, _, member) in try node.members(["name", "least", "most", "unit"] + provenanceKeys) {
        switch key {
        case "name": result.name = try member.text()
        case "least": result.least = try member.number(least: 0)
        case "most": result.most = try member.number(least: 0)
        case "unit": result.unit = try member.text()
        default: continue
        }
    }
    guard !result.name.isEmpty, result.least != nil || result.most != nil else {
        throw node.error("needs `name`, and `least` or `most`")
    }
    return Sourced(result, try provenance(node))
}
