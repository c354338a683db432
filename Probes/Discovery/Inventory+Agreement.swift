public import Metering
import Quantities

extension Inventory {
    /// A sentence for each pair of sensors of one device that do not agree about its joules.
    ///
    /// A GPU's counter and its integrated power are of one sensor, and yet were seen to differ by tens of percent; over
    /// less than 5 s the edges of their windows explain that much.
    ///
    /// - Parameter seconds: How long the run took.
    public func disagreements(in account: EnergyAccount, seconds: Double) -> [String] {
        guard seconds >= 5 else { return [] }
        return account.channels.compactMap { gauge in
            guard gauge.channel.device == .gpu, let name = gauge.channel.containedIn,
                gauge.channel.name == name + "/power", let integrated = gauge.joules?.value,
                let counted = account.channels.first(where: { $0.channel.name == name })?.joules?.value
            else { return nil }
            return Self.disagreement(name, counted, "its integrated power", integrated, tolerance: 0.1)
        }
    }

    /// A sentence where two figures for the same joules differ by more than a part of the first.
    private static func disagreement(
        _ name: String,
        _ joules: Double,
        _ other: String,
        _ otherJoules: Double,
        tolerance: Double
    ) -> String? {
        guard joules > 0, abs(otherJoules - joules) > tolerance * joules else { return nil }
        let percent = (abs(otherJoules / joules - 1) * 1000).rounded() / 10
        return """
            \(name) and \(other) disagree: \(Joules(joules).formatted()) and \(Joules(otherJoules).formatted()), \
            \(percent) % apart. Trust neither to better than that before the cause is known.
            """
    }
}
