internal import Quantities

extension Site {
    /// One value in words with its provenance.
    public struct Fact: Sendable, Hashable {
        public var name: String
        public var value: String
        public var provenance: Provenance
    }

    /// Every value that the profile has, in words.
    public var facts: [Fact] {
        var facts: [Fact] = []
        let add = { (name: String, value: String?, provenance: Provenance?) in
            if let value, let provenance { facts.append(Fact(name: name, value: value, provenance: provenance)) }
        }
        add("PUE", pue.map { "\($0.value)" }, pue?.provenance)
        add(
            "Factor for hardware that no sensor sees",
            unmeasuredFactor.map { "\($0.value)" },
            unmeasuredFactor?.provenance
        )
        for (name, figure) in [("location-based", locationIntensity), ("market-based", marketIntensity)] {
            add(
                "Carbon intensity, \(name)",
                figure.map { "\(plain($0.value.value.value)) g/kWh (\($0.value.basis.words))" },
                figure?.provenance
            )
        }
        add(
            "Embodied carbon",
            embodiedPerNodeHour.map { "\(plain($0.value.value)) g/node-h" },
            embodiedPerNodeHour?.provenance
        )
        for type in nodeTypes {
            let parts = [
                type.cores.map { "\($0) cores" }, type.gpus > 0 ? "\(type.gpus) GPUs" : nil, type.description,
            ].compactMap(\.self)
            add("Node type \(type.name)", parts.joined(separator: ", "), type.provenance)
            add("Mean power of \(type.name)", type.meanPower?.value.formatted(), type.meanPower?.provenance)
            add(
                "Embodied carbon of \(type.name)",
                type.embodiedPerNodeHour.map { "\(plain($0.value.value)) g/node-h" },
                type.embodiedPerNodeHour?.provenance
            )
        }
        add("Electricity", pricePerKilowattHour?.value.words, pricePerKilowattHour?.provenance)
        for rule in allocation?.conversions ?? [] {
            let unit = allocation?.unit ?? ""
            let type = rule.value.nodeType.map { " on \($0)" } ?? ""
            add(
                "Conversion",
                "1 \(rule.value.base.rawValue)\(type) = \(plain(rule.value.factor)) \(unit)",
                rule.provenance
            )
        }
        for price in allocation?.prices ?? [] { add("Price", price.value.words, price.provenance) }
        for size in allocation?.classes ?? [] { add("Class \(size.value.name)", size.value.words, size.provenance) }
        return facts
    }

    /// What the profile leaves open, a sentence each.
    public var gaps: [String] {
        var gaps: [String] = []
        if pue == nil { gaps.append("It gives no PUE: energy is that of the nodes alone until you name one.") }
        if zone == nil, locationIntensity == nil { gaps.append("It names no grid: there are no location-based grams.") }
        if marketIntensity == nil { gaps.append("It says nothing of contracts: there are no market-based grams.") }
        if embodiedPerNodeHour == nil, !nodeTypes.contains(where: { $0.embodiedPerNodeHour != nil }) {
            gaps.append("It gives no embodied carbon.")
        }
        if allocation == nil { gaps.append("It names no unit of account: hours are given as they are.") }
        return gaps
    }
}

extension Price {
    /// As `0.2 EUR/kWh`.
    public var words: String { "\(plain(amount)) \(currency)/\(unit)" }
}

extension AllocationUnit.SizeClass {
    /// As `2000000 to 14999000 core-h`.
    public var words: String {
        switch (least, most) {
        case (let least?, let most?): "\(plain(least)) to \(plain(most)) \(unit)"
        case (let least?, nil): "at least \(plain(least)) \(unit)"
        case (nil, let most?): "at most \(plain(most)) \(unit)"
        case (nil, nil): unit
        }
    }
}

extension Intensity.Basis {
    var words: String { self == .unknown ? "the source does not say whether direct or life-cycle" : rawValue }
}

/// A number as its author wrote it, without `.0`.
func plain(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
}
