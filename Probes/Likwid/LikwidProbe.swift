public import Metering
import Tool

/// Asks likwid's access daemon for the processors' mean power over half a second.
public struct LikwidProbe: Probe, ~Copyable {
    /// The channels of the survey that it was opened from.
    public let channels: [Channel]
    private let domains: [LikwidReading.Domain]
    private var likwid: Tool
    private var milliwatts: [UInt64]

    /// The tool of a survey that found one.
    public init(_ survey: LikwidSurvey) {
        channels = survey.channels
        domains = survey.domains
        likwid = Tool(survey.tool, LikwidSurvey.arguments)
        milliwatts = Array(repeating: RawReading.missing, count: domains.count)
    }

    /// Asks once, which takes half a second; what it does not tell is missing.
    public mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        for i in domains.indices { milliwatts[i] = RawReading.missing }
        let end = likwid.run()
        if end == .stuck {
            for i in domains.indices { readings[i] = RawReading() }
            throw ProbeError(.closeProbe, source: channels[0].source, problem: "likwid hangs and cannot be ended.")
        }
        guard end == .exited(0) else {
            for i in domains.indices { readings[i] = RawReading() }
            return
        }
        var reading = LikwidReading()
        while let next = reading.next(in: likwid.bytes.span.extracting(0..<likwid.length)) {
            for i in domains.indices where domains[i] == next.domain { milliwatts[i] = next.milliwatts }
        }
        for i in domains.indices { readings[i] = RawReading(raw: milliwatts[i]) }
    }
}
