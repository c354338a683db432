public import Metering
import Quantities

extension Inventory {
    /// Where two readings of one device say different things, a sentence each.
    ///
    /// - Parameter seconds: How long the account is.
    public static func disagreements(in account: EnergyAccount, seconds: Double) -> [String] {
        let channels = Dictionary(account.channels.map { ($0.channel.name, $0) }) { first, _ in first }
        return account.channels.compactMap { energy in
            counterDisagreement(energy, channels, seconds) ?? gaugeDisagreement(energy, channels, seconds)
        }
    }

    /// Perf events and powercap read the same register: a difference above 2 % comes from the reading, since no sensor
    /// stands between them.
    ///
    /// What the ends of a short run leave open (the readings' own uncertainty, 95 %) is no difference.
    private static func counterDisagreement(
        _ perf: ChannelEnergy,
        _ channels: [String: ChannelEnergy],
        _ seconds: Double
    ) -> String? {
        let parts = perf.channel.name.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, parts[0] == "perf", let powercap = channels["powercap/" + parts[1]],
            let a = perf.joules?.value, let b = powercap.joules?.value
        else { return nil }
        let difference = abs(a - b)
        let variances = [perf, powercap].map { $0.randomUncertainty?.value ?? 0 }.map { $0 * $0 }
        guard difference > 0.02 * max(a, b), difference > 2 * (variances[0] + variances[1]).squareRoot() else {
            return nil
        }
        return """
            \(perf.channel.name) and \(powercap.channel.name) read one counter and differ by \
            \(percent(difference / max(a, b))): \(watts(a, seconds)) and \(watts(b, seconds)) on average. \
            Read one of them alone (--probe) and report both numbers.
            """
    }

    /// A GPU's counter and its integrated power are of one sensor, and yet were seen to differ by tens of percent.
    ///
    /// Over less than 5 s the edges of their windows explain that much.
    private static func gaugeDisagreement(
        _ gauge: ChannelEnergy,
        _ channels: [String: ChannelEnergy],
        _ seconds: Double
    ) -> String? {
        guard seconds >= 5, gauge.channel.device == .gpu, let name = gauge.channel.containedIn,
            gauge.channel.name == name + "/power", let integrated = gauge.joules?.value,
            let counted = channels[name]?.joules?.value, counted > 0, abs(integrated - counted) > 0.1 * counted
        else { return nil }
        return """
            \(name) and its integrated power disagree: \(Joules(counted).formatted()) and \
            \(Joules(integrated).formatted()), \(percent(abs(integrated / counted - 1))) apart. \
            Trust neither to better than that before the cause is known.
            """
    }

    private static func percent(_ fraction: Double) -> String { "\((fraction * 1000).rounded() / 10) %" }

    private static func watts(_ joules: Double, _ seconds: Double) -> String {
        seconds > 0 ? "\((joules / seconds * 100).rounded() / 100) W" : "\(joules) J"
    }
}
