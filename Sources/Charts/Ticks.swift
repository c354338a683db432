internal import Quantities
private import RealModule

/// The labelled positions of an axis.
struct Ticks: Hashable {
    /// Positions in the data's unit, ascending.
    var values: [Double]
    /// A label for each.
    var labels: [String]

    /// Round positions at steps of 1, 2 or 5 times a power of ten that lie within `low ... high`.
    static func linear(_ low: Double, _ high: Double, about count: Int) -> Ticks {
        guard low.isFinite, high.isFinite, high > low, count > 0 else {
            return Ticks(values: [low], labels: [significant(low)])
        }
        let step = roundStep((high - low) / Double(count))
        // Half a millionth of a step forgives the rounding of the division.
        let first = (low / step - 5e-7).rounded(.up)
        let last = (high / step + 5e-7).rounded(.down)
        let values = stride(from: first, through: last, by: 1).map { $0 * step }
        let places = max(0, Int((-Double.log10(step)).rounded(.up)))
        return Ticks(values: values, labels: values.map { decimal($0, places: places) })
    }

    /// Ratios that people read easily within `low ... high`, one always being 1; for a logarithmic axis.
    static func ratios(_ low: Double, _ high: Double, atMost count: Int) -> Ticks {
        let readable: [Double] = [
            0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.2, 1.4, 1.6, 1.8, 2,
            2.5,
            3, 4, 5, 7, 10, 20, 50, 100,
        ]
        var values = readable.filter { $0 >= low * 0.999999 && $0 <= high * 1.000001 }
        while values.count > max(2, count) {
            // The tick that stands closest to its neighbours goes; 1 stays.
            let crowded = values.indices.dropFirst().filter { values[$0] != 1 }
            guard let victim = crowded.min(by: { room(values, $0) < room(values, $1) }) else { break }
            values.remove(at: victim)
        }
        return Ticks(values: values, labels: values.map { trimmed($0) })
    }

    private static func room(_ values: [Double], _ index: Int) -> Double {
        let left = values[index] / values[index - 1]
        let right = index + 1 < values.count ? values[index + 1] / values[index] : .infinity
        return min(left, right)
    }

    private static func trimmed(_ value: Double) -> String {
        var text = decimal(value, places: 2)
        while text.hasSuffix("0") { text.removeLast() }
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `step`.
func roundStep(_ step: Double) -> Double {
    let exponent = Double.log10(step).rounded(.down)
    let power = Double.pow(10, exponent)
    let factor = [1.0, 2, 5, 10].first { $0 * power >= step * 0.999999 } ?? 10
    // Dividing keeps 0.1 and 0.001 as the nearest doubles, so that labels and positions agree.
    return exponent < 0 ? factor / Double.pow(10, -exponent) : factor * power
}

/// A linear map from the data's unit to pixels.
struct Scale {
    var domain: ClosedRange<Double>
    var range: (from: Double, to: Double)
    /// Whether equal ratios take equal room.
    var logarithmic = false

    func callAsFunction(_ value: Double) -> Double {
        let map = { (x: Double) in logarithmic ? Double.log(max(x, .leastNormalMagnitude)) : x }
        let span = map(domain.upperBound) - map(domain.lowerBound)
        guard span > 0 else { return (range.from + range.to) / 2 }
        return range.from + (map(value) - map(domain.lowerBound)) / span * (range.to - range.from)
    }
}

/// The prefix that makes the largest value of an axis easy to read.
struct AxisUnit: Hashable {
    var symbol: String
    var factor: Double

    /// A unit with its SI prefix for values up to `largest`.
    static func prefixed(_ symbol: String, for largest: Double) -> AxisUnit {
        let prefixes = [("G", 1e9), ("M", 1e6), ("k", 1e3), ("", 1), ("m", 1e-3), ("µ", 1e-6)]
        // From ten upwards, so that an axis never reads 0.0 to 1.2 k.
        let match = prefixes.first { largest >= 10 * $0.1 } ?? prefixes.first { largest >= $0.1 } ?? ("", 1)
        return AxisUnit(symbol: match.0 + symbol, factor: match.1)
    }

    /// Seconds, minutes or hours for times up to `longest` seconds.
    static func time(for longest: Double) -> AxisUnit {
        if longest > 36_000 { return AxisUnit(symbol: "h", factor: 3600) }
        if longest > 900 { return AxisUnit(symbol: "min", factor: 60) }
        if longest > 0, longest < 0.5 { return AxisUnit(symbol: "ms", factor: 1e-3) }
        return AxisUnit(symbol: "s", factor: 1)
    }
}
