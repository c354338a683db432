/// What a centre grants and accounts in.
public struct AllocationUnit: Sendable, Hashable {
    /// What a centre counts before it converts.
    public enum Base: String, Sendable, Hashable, CaseIterable {
        case nodeHours = "node-h"
        case coreHours = "core-h"
        case gpuHours = "GPU-h"
    }

    /// So many units for one of a base.
    public struct Conversion: Sendable, Hashable {
        public var base: Base
        public var factor: Double
        /// The node type for which it holds; `nil`: all.
        public var nodeType: String?

        /// A conversion.
        public init(base: Base, factor: Double, nodeType: String? = nil) {
            self.base = base
            self.factor = factor
            self.nodeType = nodeType
        }
    }

    /// A class of projects by their size.
    public struct SizeClass: Sendable, Hashable {
        public var name: String
        public var least: Double?
        public var most: Double?
        /// `core-h`, `GPU-h`, `node-h` or the centre's unit.
        public var unit: String

        /// A class.
        public init(name: String, least: Double?, most: Double?, unit: String) {
            self.name = name
            self.least = least
            self.most = most
            self.unit = unit
        }
    }

    /// As `CU` or `core-h`.
    public var unit: String
    public var conversions: [Sourced<Conversion>]
    /// For one unit, where the centre sells it.
    public var prices: [Sourced<Price>]
    public var classes: [Sourced<SizeClass>]

    /// A unit without conversions.
    public init(unit: String) {
        self.unit = unit
        conversions = []
        prices = []
        classes = []
    }
}

/// Node-hours in a centre's unit, and the rule that made them so.
public struct UnitsPerNodeHour: Sendable, Hashable {
    public var factor: Double
    public var unit: String
    /// `nil` where the unit is a base itself and nothing is converted.
    public var conversion: Sourced<AllocationUnit.Conversion>?
}

extension Site {
    /// How many of the centre's units a node-hour of a type is.
    ///
    /// A conversion for the type goes before one for all; of those GPU-hours go first where the type has GPUs. `nil`
    /// where the centre's unit, or the way to it, is not known: then nothing is made up.
    public func unitsPerNodeHour(of type: NodeType) -> UnitsPerNodeHour? {
        guard let allocation else { return nil }
        let size = { (base: AllocationUnit.Base) -> Double in
            switch base {
            case .nodeHours: 1
            case .coreHours: Double(type.cores ?? 0)
            case .gpuHours: Double(type.gpus)
            }
        }
        let fitting = allocation.conversions.filter { rule in
            (rule.value.nodeType == nil || rule.value.nodeType == type.name) && size(rule.value.base) > 0
        }
        let order: [AllocationUnit.Base] = [.gpuHours, .nodeHours, .coreHours]
        let rank = { (rule: Sourced<AllocationUnit.Conversion>) in
            (rule.value.nodeType == nil ? 1 : 0, order.firstIndex(of: rule.value.base) ?? order.count)
        }
        if let rule = fitting.min(by: { rank($0) < rank($1) }) {
            return UnitsPerNodeHour(
                factor: rule.value.factor * size(rule.value.base),
                unit: allocation.unit,
                conversion: rule
            )
        }
        guard let base = AllocationUnit.Base(rawValue: allocation.unit), size(base) > 0 else { return nil }
        return UnitsPerNodeHour(factor: size(base), unit: allocation.unit, conversion: nil)
    }
}
