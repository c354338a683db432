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
    /// What a counter gains in a round; `nil` where it cannot go on, since it was set anew in the recording.
    private let gains: [UInt64?]
    private var isFirstRound = true

    /// Plays a recording.
    public init(_ recording: Recording, source: String) {
        trace = recording.trace
        channels = trace.channels.map { Self.replayed($0, source: source) }
        carried = Array(repeating: 0, count: trace.channels.count)
        gains = trace.channels.indices.map { [trace] in Self.gain(trace, $0) }
    }

    /// Reads the file at `path`; names the file and the line where it is no recording.
    public init(path: String) throws(ProbeError) {
        self.init(try Self.recording(path), source: path)
    }

    /// The channels that the file at `path` would be played as.
    public static func channels(path: String) throws(ProbeError) -> [Channel] {
        try recording(path).trace.channels.map { replayed($0, source: path) }
    }

    private static func recording(_ path: String) throws(ProbeError) -> Recording {
        do {
            return try Recording(try FileTree(root: "").text(path))
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
            isFirstRound = false
            for i in carried.indices { carried[i] = wrapped(i, carried[i] &+ (gains[i] ?? 0)) }
            // The last row of a round and the first of the next are the same instant of the counters.
            row = trace.count > 1 ? 1 : 0
        }
        for i in carried.indices {
            let raw = trace.columns[i][row]
            let isThere = raw != RawReading.missing && (isFirstRound || gains[i] != nil)
            readings[i] = isThere ? RawReading(raw: wrapped(i, raw &+ carried[i])) : RawReading()
        }
        row += 1
    }

    /// What a counter gains in one round, modulo its range; a power carries nothing.
    private static func gain(_ trace: Trace, _ channel: Int) -> UInt64? {
        guard case .energyCounter(_, let range) = trace.channels[channel].kind else { return 0 }
        let counts = trace.columns[channel].filter { $0 != RawReading.missing }
        guard let first = counts.first, let last = counts.last else { return 0 }
        guard let range else {
            let neverFalls = zip(counts, counts.dropFirst()).allSatisfy { $0 <= $1 }
            return neverFalls ? last - first : nil
        }
        return last >= first ? last - first : last + (range - first)
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
