import Analysis
import Carbon
import Metering
import Quantities

/// A unit with the prefix that suits a whole column, so that its figures can be compared at a glance.
struct ColumnUnit {
    var symbol: String
    var factor: Double

    /// The prefix for values up to `largest` of the unit `symbol`.
    init(_ symbol: String, for largest: Double) {
        let prefixes = [
            ("G", 1e9), ("M", 1e6), ("k", 1e3), ("", 1), ("m", 1e-3), ("µ", 1e-6), ("n", 1e-9), ("p", 1e-12),
        ]
        let match = prefixes.first { largest.magnitude >= $0.1 }
        self.symbol = (match?.0 ?? "") + symbol
        factor = match?.1 ?? 1
    }

    /// A unit that takes no prefix.
    init(plain symbol: String) {
        self.symbol = symbol
        factor = 1
    }

    /// The estimate with as many digits as its interval supports, the interval below it.
    ///
    /// `calibration` is a relative uncertainty that all repeats share: where it is larger than their spread, it
    /// decides on the digits, since no sensor that is known to 6 % gives a fourth one.
    /// `floor` is a bound below which the quantity cannot lie, whatever few repeats allow.
    func cell(_ estimate: Estimate?, calibration: Double = 0, floor: Double = -.infinity) -> Cell {
        guard let estimate else { return Cell("–") }
        let value = estimate.value / factor
        let shared = value.magnitude * calibration
        guard let low = estimate.low, let high = estimate.high else {
            return Cell(shared > 0 ? rounded(value, to: shared) : significant(value))
        }
        let spread = max((high - low) / factor / 2, shared)
        let words = { (number: Double) in rounded(number, to: spread) }
        return Cell(words(value), detail: "\(words(max(floor, low) / factor)) to \(words(high / factor))")
    }

    /// The value with its expanded uncertainty, as `617 ± 38`.
    func cell(_ value: Double?, uncertainty: Double?) -> Cell {
        guard let value else { return Cell("–") }
        guard let uncertainty, uncertainty > 0 else { return Cell(significant(value / factor)) }
        let places = supportedPlaces(uncertainty: uncertainty / factor)
        return Cell("\(decimal(value / factor, places: places)) ± \(decimal(uncertainty / factor, places: places))")
    }
}

/// A figure with the first two digits of its uncertainty, three where they stand before the point: 7324 known to
/// 1500 is `7320`.
func rounded(_ value: Double, to uncertainty: Double) -> String {
    guard uncertainty.isFinite, uncertainty >= 1000 else {
        return decimal(value, places: supportedPlaces(uncertainty: uncertainty))
    }
    var step = 1.0
    while step * 1000 <= uncertainty { step *= 10 }
    return decimal((value / step).rounded() * step, places: 0)
}

/// A ratio with its interval, as `1.71` and `1.66 to 1.76`.
func ratioCell(_ estimate: Estimate?) -> Cell {
    guard let estimate else { return Cell("–") }
    let two = { (number: Double) in decimal(number, places: 2) }
    guard let low = estimate.low, let high = estimate.high else { return Cell(two(estimate.value)) }
    // Three decimals where two would hide the interval.
    let places = high - low < 0.02 ? 3 : 2
    let words = { (number: Double) in decimal(number, places: places) }
    return Cell(words(estimate.value), detail: "\(words(low)) to \(words(high))")
}

/// Decimals of a percentage that its interval of fractions supports: one at most.
func percentPlaces(_ low: Double?, _ high: Double?) -> Int {
    guard let low, let high else { return 1 }
    return min(1, supportedPlaces(uncertainty: (high - low) * 50))
}

extension ArmSummary {
    /// The relative expanded uncertainty of a run's joules, with the calibration of the sources; 0 where unknown.
    var calibration: Double {
        guard let energy, let energyUncertainty, energy.value > 0 else { return 0 }
        return energyUncertainty / energy.value
    }
}

extension Study {
    /// The relative expanded uncertainty of grams, with intensity and overheads; 0 where there are none.
    var gramsUncertainty: Double {
        guard let account = carbon.first, account.total.value > 0 else { return 0 }
        return account.uncertainty.value / account.total.value
    }
}

/// A p-value as papers print it.
func probability(_ p: Double?) -> String {
    guard let p else { return "–" }
    return p < 0.001 ? "< 0.001" : decimal(p, places: 3)
}

/// A count with its noun, as `1 run` or `5 runs`.
func counted(_ count: Int, _ noun: String) -> String { count == 1 ? "1 \(noun)" : "\(count) \(noun)s" }

/// Words in a row, as `a, b and c`.
func listed(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
}

/// A command as it can be pasted into a shell.
func shell(_ command: [String]) -> String {
    command.map { word in
        let safe =
            !word.isEmpty
            && word.unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", "=", ":", ",", "+", "@", "%": true
                default: false
                }
            }
        return safe
            ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }.joined(separator: " ")
}

/// Bytes for people, as `31.2 GiB`.
func memory(_ bytes: Int64) -> String {
    guard bytes > 0 else { return "–" }
    let gibibytes = Double(bytes) / 1_073_741_824
    return gibibytes >= 1 ? "\(decimal(gibibytes, places: 1)) GiB" : "\(decimal(gibibytes * 1024, places: 0)) MiB"
}

/// The word that stands beside every total.
func word(_ basis: Basis?) -> String { basis?.rawValue ?? "no energy" }
