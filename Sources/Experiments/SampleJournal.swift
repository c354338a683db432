import Ledger
import Metering

/// Carries samples to the ledger and keeps those that it would not take.
///
/// A failure to write never ends the measured command: what could not be stored stays here in order, is tried
/// again with the next samples, and serves the run's account in the end.
struct SampleJournal {
    private let ledger: LedgerFile
    private let start: RunStart
    private let streams: [[Channel]]
    private var unsaved: [Trace]
    private var ends: [StreamEnd]
    private var isEntered = false
    /// The reason why something is not in the ledger now.
    private(set) var failure: (any Error)?

    init(ledger: LedgerFile, start: RunStart, streams: [[Channel]]) {
        self.ledger = ledger
        self.start = start
        self.streams = streams
        unsaved = streams.map { Trace(channels: $0) }
        ends = streams.map { _ in StreamEnd() }
    }

    /// Stores samples, a trace a stream, after those that are still waiting; the first call enters the run.
    mutating func store(_ samples: [Trace]) {
        for (stream, trace) in samples.enumerated() { unsaved[stream].append(trace) }
        if !isEntered {
            failure = Self.error { try ledger.begin(start, channels: streams) }
            isEntered = failure == nil
        }
        guard isEntered else { return }
        for stream in unsaved.indices where unsaved[stream].count > 0 {
            failure = Self.error { try ledger.append(start.id, stream: stream, unsaved[stream], at: &ends[stream]) }
            guard failure == nil else { return }
            unsaved[stream] = Trace(channels: streams[stream])
        }
    }

    /// Every sample of the run, stored or waiting.
    func traces() throws -> [Trace] {
        // A chunk that cannot be read back must not cost the run its other samples.
        guard isEntered else { return unsaved }
        var traces = try ledger.readableTraces(start.id).traces
        for (stream, waiting) in unsaved.enumerated() {
            if stream < traces.count { traces[stream].append(waiting) } else { traces.append(waiting) }
        }
        return traces
    }

    /// Closes the run; with a last attempt at what is waiting.
    mutating func finish(_ end: RunEnd) {
        store([])
        guard isEntered, unsaved.allSatisfy({ $0.count == 0 }) else { return }
        failure = Self.error {
            try ledger.finish(start.id, end)
            try ledger.checkPlace()
        }
    }

    /// What the closure throws.
    private static func error(_ write: () throws -> Void) -> (any Error)? {
        do {
            try write()
            return nil
        } catch {
            return error
        }
    }
}
