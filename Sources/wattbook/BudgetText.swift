import Metering
import Quantities

extension UncertaintyBudget {
    /// The largest parts in a line, as `±38 J: calibration 92 %, update period 6 %, sampling 2 %`.
    var text: String? {
        guard let first = shares.first else { return nil }
        // Below a hundredth of the variance a part changes nothing that is printed.
        let told = [first] + shares.dropFirst().filter { $0.share >= 0.01 }.prefix(3)
        let words = told.map { part, share in
            let name = String(part.rawValue.map { $0 == "-" ? " " : $0 })
            return "\(name) \(percent(share, places: 0))"
        }
        return "±\(expanded.formatted()): \(words.joined(separator: ", "))"
    }
}
