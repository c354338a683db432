import Metering
import Quantities

/// What the model knows of a machine before it reads anything.
struct HostModelDescription {
    let coefficients: PowerCoefficients
    let processors: Int
    let memoryWatts: Double

    /// Watts of a gigabyte (10^9 bytes): the mean that Cloud Carbon Footprint takes, 0.392 Wh an hour.
    static let wattsPerGigabyte = 0.392

    init(_ tree: FileTree) {
        let host = Host.read(root: tree.root.isEmpty ? "/" : tree.root)
        coefficients = PowerCoefficients.of(cpuinfo: tree.line("/proc/cpuinfo") ?? "")
        processors = Self.processors(tree)
        memoryWatts = Double(host.memoryBytes) / 1e9 * Self.wattsPerGigabyte
    }

    /// Counted in `/proc/stat`, whose sum the model divides.
    private static func processors(_ tree: FileTree) -> Int {
        let lines = (tree.line("/proc/stat") ?? "").split(separator: "\n")
        return max(1, lines.count { $0.hasPrefix("cpu") && !$0.hasPrefix("cpu ") })
    }

    /// `model/cpu`, and `model/memory` where the size is known.
    var channels: [Channel] {
        let cpuSource =
            coefficients.architecture.map { "SPECpower linear model of \($0) (Cloud Carbon Footprint), 20 %" }
            ?? "SPECpower linear model, mean over servers for an unknown processor (Cloud Carbon Footprint), 30 %"
        let cpu = channel(
            "cpu",
            .cpu,
            uncertainty: coefficients.architecture == nil ? 0.3 : 0.2,
            uncertaintySource: cpuSource,
            source: "/proc/stat",
            note: "modelled: \(coefficients.idle) W idle and \(coefficients.busy) W busy a logical processor"
        )
        guard memoryWatts > 0 else { return [cpu] }
        let memory = channel(
            "memory",
            .memory,
            uncertainty: 0.3,
            uncertaintySource: "mean watts a gigabyte (Cloud Carbon Footprint), 30 %",
            source: "/proc/meminfo",
            note: "modelled: \(Self.wattsPerGigabyte) W a gigabyte of the machine's memory"
        )
        return [cpu, memory]
    }

    private func channel(
        _ domain: String,
        _ device: Device,
        uncertainty: Double,
        uncertaintySource: String,
        source: String,
        note: String
    ) -> Channel {
        Channel(
            name: "model/" + domain,
            device: device,
            domain: domain,
            kind: .energyCounter(joulesPerCount: 1e-6, range: nil),
            basis: .modelled,
            inTotal: true,
            relativeUncertainty: uncertainty,
            uncertaintySource: uncertaintySource,
            // The kernel adds up processor time in ticks of 10 ms.
            updatePeriod: Seconds(0.01),
            // Not a limit of any sensor: after a stall of the machine several ticks arrive at once.
            maximumPower: Watts(1e6),
            source: source,
            note: note
        )
    }
}
