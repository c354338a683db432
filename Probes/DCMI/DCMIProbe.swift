public import Metering
import Tool

/// Asks the board's controller for the node's power, through `ipmitool`.
public struct DCMIProbe: Probe, ~Copyable {
    /// The node.
    public let channels: [Channel]
    private var ipmitool: Tool

    /// The tool of a survey that found one.
    public init(_ survey: DCMISurvey) {
        channels = survey.channels
        ipmitool = Tool(survey.tool, DCMISurvey.arguments)
    }

    /// Asks once; an answer without power, or none in time, is missing.
    public mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        readings[0] = RawReading()
        switch ipmitool.run() {
        case .exited(0): break
        case .stuck:
            throw ProbeError(.closeProbe, source: channels[0].source, problem: "ipmitool hangs and cannot be ended.")
        default: return
        }
        guard let reading = DCMIReading(ipmitool.bytes.span.extracting(0..<ipmitool.length)), reading.isActive,
            reading.watts > 0
        else {
            return
        }
        readings[0] = RawReading(raw: reading.watts)
    }
}
