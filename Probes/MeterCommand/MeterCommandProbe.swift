public import Metering
import Tool

/// Runs a user's command and takes what it prints for a reading of a meter of the whole node.
public struct MeterCommandProbe: Probe, ~Copyable {
    /// The meter.
    public let channels: [Channel]
    private var shell: Tool
    private let isEnergy: Bool
    private let perCount: Double

    /// The command of a survey.
    public init(_ survey: MeterCommandSurvey) {
        channels = [survey.channel]
        shell = MeterCommandSurvey.shell(survey.command)
        isEnergy = survey.unit.isEnergy
        perCount =
            switch survey.channel.kind {
            case .energyCounter(let joules, _): joules
            case .power(let watts, _): watts
            case .eventCounter: 1
            }
    }

    /// Runs the command once; a call that fails, hangs, or prints something else is missing.
    public mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        readings[0] = RawReading()
        switch shell.run() {
        case .exited(0): break
        case .stuck:
            throw ProbeError(.closeProbe, source: channels[0].source, problem: "The meter's command cannot be ended.")
        default: return
        }
        guard let reading = MeterReading(shell.bytes.span.extracting(0..<shell.length)),
            reading.unit.isEnergy == isEnergy
        else { return }
        let counts = (reading.value / perCount).rounded()
        guard counts < 1e18 else { return }
        readings[0] = RawReading(raw: UInt64(counts), sourceTime: reading.time)
    }
}
