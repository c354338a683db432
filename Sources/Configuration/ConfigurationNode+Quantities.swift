import Yams

extension ConfigurationNode {
    /// A number with its unit, as `14 g/node-h`, in the first of the units.
    ///
    /// - Parameter units: The units that may stand there, each with its size in the first one.
    package func quantity(_ units: [(symbol: String, factor: Double)]) throws(ConfigurationError) -> Double {
        let text = try text()
        let number = text.prefix { !$0.isWhitespace }
        let unit = text.dropFirst(number.count).split(separator: " ").joined(separator: " ")
        let known = units.map(\.symbol)
        guard let value = Double(number), value.isFinite else {
            throw error("must be a number with its unit, as `\(example(known))`")
        }
        guard let size = units.first(where: { $0.symbol == unit })?.factor else {
            throw error(
                unit.isEmpty ? "has no unit" : "has the unit `\(unit)`, which does not fit",
                remedy: "Write it in \(known.joined(separator: " or ")), as `\(number) \(known[0])`."
            )
        }
        return value * size
    }

    /// A fraction from 0 to below 1.
    package func share() throws(ConfigurationError) -> Double {
        let share = try number()
        guard share >= 0, share < 1 else { throw error("must lie between 0 and 1, as 0.05") }
        return share
    }

    /// A number that is not below `least`.
    package func number(least: Double) throws(ConfigurationError) -> Double {
        let value = try number()
        guard value >= least else { throw error("is \(value), and cannot be below \(least)") }
        return value
    }

    /// Whether this is a single value, and no list or mapping.
    package var isSingle: Bool { node.scalar != nil }
    /// Whether this is a list.
    package var isList: Bool { node.sequence != nil }

    private func example(_ units: [String]) -> String { "14 \(units.first ?? "")" }
}
