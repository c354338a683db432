public import Metering
import Tool

/// Asks Slurm for the energy of the running step: `sstat`, and `sacct` where that knows it no longer, or not yet.
public struct SlurmEnergyProbe: Probe, ~Copyable {
    /// The step.
    public let channels: [Channel]
    private var sstat: Tool
    private var sacct: Tool?
    private var last: UInt64 = 0

    /// The tools of a survey that found them.
    public init(_ survey: SlurmEnergySurvey) {
        channels = survey.channels
        let arguments = SlurmEnergySurvey.question(survey.step)
        sstat = Tool(survey.sstat, arguments)
        sacct = survey.sacct.map { Tool($0, arguments) }
    }

    /// Asks once; an answer that is empty, 0, absurd or less than the one before is missing.
    ///
    /// A rise above 100 kW a node is refused by the channel's largest power.
    public mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        readings[0] = RawReading()
        let end = sstat.run()
        if end == .stuck {
            throw ProbeError(.closeProbe, source: channels[0].source, problem: "sstat hangs and cannot be ended.")
        }
        var joules = end == .exited(0) ? SlurmJoules.largest(sstat.bytes.span.extracting(0..<sstat.length)) : nil
        // A second tool after one that hung would double the wait.
        if joules == nil, end != .timedOut { joules = accounted() }
        guard let joules, joules >= last else { return }
        last = joules
        readings[0] = RawReading(raw: joules)
    }

    private mutating func accounted() -> UInt64? {
        guard sacct?.run() == .exited(0), let bytes = sacct?.bytes, let length = sacct?.length else { return nil }
        return SlurmJoules.largest(bytes.span.extracting(0..<length))
    }
}
