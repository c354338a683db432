import Metering
import Quantities

/// What the model knows of a machine before it reads anything.
struct HostModelDescription {
    let coefficients: PowerCoefficients
    let processors: Int
    let memoryWatts: Double

    /// Watts of a gigabyte (10^9 bytes): the mean that Cloud Carbon Footprint takes, 0.392 Wh an hour.
    static let wattsPerGigabyte = 0.392

    /// `nil` where the tree has no processor time to model from.
    init?(_ tree: FileTree) {
        guard let bytes = try? tree.bytes("/proc/stat"), ProcessorTime(bytes.span) != nil else { return nil }
        coefficients = PowerCoefficients.of(cpuinfo: tree.beginning("/proc/cpuinfo") ?? "")
        // Counted where the sum comes from that the model divides.
        let lines = bytes.split(separator: UInt8(ascii: "\n")).prefix { $0.starts(with: "cpu".utf8) }
        processors = max(1, lines.count - 1)
        memoryWatts = Self.memory(tree) / 1e9 * Self.wattsPerGigabyte
    }

    /// The machine's memory in bytes; 0 where it is not told.
    private static func memory(_ tree: FileTree) -> Double {
        for line in (tree.beginning("/proc/meminfo") ?? "").split(separator: "\n") where line.hasPrefix("MemTotal:") {
            let words = line.split(separator: " ")
            // The kernel's kB are 1024 bytes.
            if words.count > 1, let kibibytes = Double(words[1]) { return kibibytes * 1024 }
        }
        return 0
    }

    /// `model/cpu`, and `model/memory` where the size is known.
    var channels: [Channel] {
        let cpuSource =
            coefficients.architecture.map { "type B, assumed for the SPECpower model of \($0) in other servers: 20 %" }
            ?? "type B, assumed for the SPECpower mean of unknown processors: 30 %"
        let cpu = channel(
            "cpu",
            .cpu,
            uncertainty: coefficients.architecture == nil ? 0.3 : 0.2,
            uncertaintySource: cpuSource,
            source: "/proc/stat",
            note:
                "\(coefficients.idle) W idle to \(coefficients.busy) W busy for each of \(processors) logical processors"
                + (coefficients.architecture.map { ", as \($0)" }
                    ?? ", the mean over servers, since this processor is not in the table")
        )
        guard memoryWatts > 0 else { return [cpu] }
        let memory = channel(
            "memory",
            .memory,
            uncertainty: 0.3,
            uncertaintySource: "type B, assumed for mean watts a gigabyte: 30 %",
            source: "/proc/meminfo",
            note: "\(Self.wattsPerGigabyte) W for each gigabyte of the machine's memory, used or not"
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
            // The kernel tells processor time in ticks of 10 ms.
            updatePeriod: Seconds(0.01),
            // Not a limit of any sensor: after a stall of the machine several ticks arrive at once.
            maximumPower: Watts(1e6),
            source: source,
            note: note
        )
    }
}
