import Carbon
import Configuration
import Quantities

extension Plan {
    /// `320`, or `{value: 320, source: ..., year: 2024, basis: life-cycle, uncertainty: 0.1}`.
    static func intensity(_ node: PlanNode, _ giver: String) throws(PlanError) -> Intensity {
        guard node.isMapping else {
            return Intensity(value: GramsPerKilowattHour(try node.number()), source: giver)
        }
        var intensity = Intensity(value: GramsPerKilowattHour(.nan), source: giver)
        for (key, _, value) in try node.members(["value", "source", "year", "basis", "uncertainty"]) {
            switch key {
            case "value": intensity.value = GramsPerKilowattHour(try value.number())
            case "source": intensity.source = try value.text()
            case "year": intensity.year = try value.integer(least: 1990)
            case "basis": intensity.basis = try basis(value)
            default: intensity.uncertainty = try value.number()
            }
        }
        return intensity
    }

    /// What an intensity counts.
    static func basis(_ node: PlanNode) throws(PlanError) -> CarbonBasis {
        guard let basis = CarbonBasis(rawValue: try node.text()) else {
            throw node.error("must be life-cycle, direct or unstated")
        }
        return basis
    }

    /// A preset's name, `{rate: 14, source: ...}` in grams a node-hour, or `{node: 1300, cpu: 40, gpu: 600,
    /// lifetime: 4, share: 1, source: ...}` in kilograms and years.
    static func embodied(_ node: PlanNode) throws(PlanError) -> Embodied {
        guard node.isMapping else {
            do throws(CarbonError) {
                return try Embodied.preset(try node.named())
            } catch {
                throw PlanError(path: node.path, line: node.line, problem: error.problem, remedy: error.remedy)
            }
        }
        var (rate, kilograms): (Double?, [(String, Double)]) = (nil, [])
        var (lifetime, share, source) = (Embodied.standardLifetime, 1.0, "plan")
        for (key, _, value) in try node.members(["rate", "node", "cpu", "gpu", "lifetime", "share", "source"]) {
            switch key {
            case "rate": rate = try value.number()
            case "lifetime": lifetime = try value.number()
            case "share": share = try value.number()
            case "source": source = try value.text()
            default: kilograms.append((key, try value.number()))
            }
        }
        if let rate {
            guard kilograms.isEmpty else {
                throw node.error("has a rate and kilograms", remedy: "Give a rate a node-hour, or the parts of a node.")
            }
            return Embodied(gramsPerNodeHour: rate, source: source)
        }
        guard !kilograms.isEmpty else {
            throw node.error("needs a rate, or kilograms of node, cpu or gpu", remedy: "Write `embodied: {rate: 14}`.")
        }
        return Embodied(
            items: kilograms.map {
                .init(name: $0.0, kilograms: $0.1, lifetimeYears: lifetime, share: share, source: source)
            }
        )
    }
}

extension PlanNode {
    /// ``text()`` where an error of another layer is caught beside it.
    fileprivate func named() throws(CarbonError) -> String {
        do throws(PlanError) {
            return try text()
        } catch {
            throw CarbonError(code: .unknownPreset, problem: error.problem, remedy: error.remedy)
        }
    }
}
