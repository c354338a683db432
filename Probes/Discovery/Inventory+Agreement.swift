public import Metering
import Quantities

extension Inventory {
    /// Where two readings of one counter say different things, a sentence each.
    ///
    /// Perf events and powercap read the same register: a difference above 2 % comes from the reading, since no sensor
    /// stands between them. What the ends of a short run leave open (the readings' own uncertainty, 95 %) is no difference.
    ///
    /// - Parameter seconds: How long the account is, for the powers in the sentences.
    public static func disagreements(in account: EnergyAccount, seconds: Double) -> [String] {
        let others = Dictionary(account.channels.map { ($0.channel.name, $0) }) { first, _ in first }
        return account.channels.compactMap { perf -> String? in
            let parts = perf.channel.name.split(separator: "/", maxSplits: 1)
            guard parts.count == 2, parts[0] == "perf", let powercap = others["powercap/" + parts[1]],
                let a = perf.joules?.value, let b = powercap.joules?.value
            else { return nil }
            let difference = abs(a - b)
            let variances = [perf, powercap].map { $0.randomUncertainty?.value ?? 0 }.map { $0 * $0 }
            guard difference > tolerance * max(a, b), difference > 2 * (variances[0] + variances[1]).squareRoot() else {
                return nil
            }
            return """
                \(perf.channel.name) and \(powercap.channel.name) read one counter and differ by \
                \(percent(difference / max(a, b))): \(watts(a, seconds)) and \(watts(b, seconds)) on average. \
                Read one of them alone (--probe) and report both numbers.
                """
        }
    }

    /// What two readings of one register may differ by.
    private static let tolerance = 0.02

    private static func percent(_ fraction: Double) -> String { "\((fraction * 1000).rounded() / 10) %" }

    private static func watts(_ joules: Double, _ seconds: Double) -> String {
        seconds > 0 ? "\((joules / seconds * 100).rounded() / 100) W" : "\(joules) J"
    }
}
