import Metering
import Quantities

/// A counter channel in microjoules.
func counterChannel(
    _ name: String = "powercap/package-0",
    range: UInt64? = 262_143_328_850,
    uncertainty: Double = 0.03,
    period: Double = 0.001,
    inTotal: Bool = true,
    basis: Basis = .measured
) -> Channel {
    Channel(
        name: name,
        device: .cpu,
        domain: "package",
        kind: .energyCounter(joulesPerCount: 1e-6, range: range),
        basis: basis,
        inTotal: inTotal,
        relativeUncertainty: uncertainty,
        uncertaintySource: "test",
        updatePeriod: Seconds(period),
        maximumPower: Watts(1000),
        source: "test"
    )
}

/// Instants from a little before 0 to a little after the end.
func ticks(_ seconds: Double, every interval: Double) -> [Double] {
    [-0.0005] + Array(stride(from: interval - 0.0005, to: seconds, by: interval)) + [seconds + 0.0005]
}

/// Seconds as an instant of the clock.
func ns(_ seconds: Double) -> Int64 { Int64((seconds * 1e9).rounded()) }
