public import Metering
import SystemPackage

/// Plays a recorded trace, one row a read, over and over: for demonstrations and tests.
///
/// What it gives is never a measurement of this machine: its channels are named `replay/...` and modelled, whatever
/// they were when recorded. Counters go on counting from round to round.
public struct ReplayProbe: Probe, ~Copyable {
    /// The recorded channels under names of their own.
    public let channels: [Channel]
    private let trace: Trace
    private var row = 0
    /// Counts of the rounds that are over, a channel each.
    private var carried: [UInt64]

    /// Plays a recording.
    public init(_ recording: Recording, source: String) {
        trace = recording.trace
        channels = trace.channels.map { Self.replayed($0, source: source) }
        carried = Array(repeating: 0, count: trace.channels.count)
    }

    /// Reads the file below `path`; names the file and the line where it is no recording.
    public init(path: String) throws(ProbeError) {
        do {
            let recording = try Recording(try FileTree(root: "").text(path))
            self.init(recording, source: path)
        } catch let error as Errno {
            throw ProbeError(
                .closeProbe,
                source: path,
                problem: "The recording cannot be read: \(error).",
                errno: error
            )
        } catch {
            throw ProbeError(.closeProbe, source: path, problem: "\(error)")
        }
    }

    /// The next row of the recording.
    public mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        if row == trace.count {
            for i in carried.indices { carried[i] &+= advance(i) }
            // The last row of a round and the first of the next are the same instant of the counters.
            row = trace.count > 1 ? 1 : 0
        }
        for i in carried.indices {
            let raw = trace.columns[i][row]
            readings[i] = raw == RawReading.missing ? RawReading() : RawReading(raw: wrapped(i, raw &+ carried[i]))
        }
        row += 1
    }

    /// What a counter gains in one round; a power carries nothing.
    private func advance(_ channel: Int) -> UInt64 {
        guard case .energyCounter(_, let range) = trace.channels[channel].kind else { return 0 }
        var first: UInt64?
        var last: UInt64 = 0
        for raw in trace.columns[channel] where raw != RawReading.missing {
            if first == nil { first = raw }
            last = raw
        }
        guard let first else { return 0 }
        if last >= first { return last - first }
        return range.map { last &+ ($0 - min($0, first)) } ?? 0
    }

    private func wrapped(_ channel: Int, _ raw: UInt64) -> UInt64 {
        guard case .energyCounter(_, let range?) = trace.channels[channel].kind, range > 0, raw > range else {
            return raw
        }
        return raw % range
    }

    private static func replayed(_ channel: Channel, source: String) -> Channel {
        var replayed = channel
        replayed.name = "replay/" + channel.name
        replayed.containedIn = channel.containedIn.map { "replay/" + $0 }
        replayed.basis = .modelled
        replayed.source = source
        replayed.note = "played from a recording; not measured here"
        return replayed
    }
}
