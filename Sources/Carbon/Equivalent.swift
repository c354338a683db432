public import Quantities

/// Grams as something that people know, always as a range and with who says so.
public struct Equivalent: Sendable, Hashable {
    /// What it is, as `by car`.
    public var name: String
    /// Of ``low`` and ``high``, as `km`.
    public var unit: String
    public var low: Double
    public var high: Double
    public var source: String

    private struct Rate {
        var name: String
        var unit: String
        var least: Double
        var most: Double
        var source: String
    }

    private static let rates = Result { () throws(CarbonError) in
        var rates: [Rate] = []
        for row in try embeddedRows(PackageResources.equivalents_csv, columns: 5) {
            guard let least = Double(row[2]), let most = Double(row[3]), least > 0, most >= least else { continue }
            rates.append(Rate(name: row[0], unit: row[1], least: least, most: most, source: row[4]))
        }
        return rates
    }

    /// The equivalents of some grams with their expanded uncertainty.
    ///
    /// From the least grams at the dearest rate to the most at the cheapest; never below 0.
    public static func list(_ grams: GramsCO2e, uncertainty: GramsCO2e) throws(CarbonError) -> [Equivalent] {
        try rates.get().map { rate in
            Equivalent(
                name: rate.name,
                unit: rate.unit,
                low: max(0, grams.value - uncertainty.value) / rate.most,
                high: max(0, grams.value + uncertainty.value) / rate.least,
                source: rate.source
            )
        }
    }

    /// As `4.1 to 5.9 km by car`.
    public var text: String {
        let (a, b) = (significant(low, digits: 2), significant(high, digits: 2))
        return "\(a == b ? a : "\(a) to \(b)") \(unit) \(name)"
    }
}
