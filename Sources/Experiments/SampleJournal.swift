import Ledger
import Metering

/// Carries samples to the ledger and keeps those that it would not take.
///
/// A failure to write never ends the measured command: what could not be stored stays here in order, is tried
/// again with the next samples, and serves the run's account in the end.
struct SampleJournal {
    private let ledger: LedgerFile
    private let start: RunStart
    private let channels: [Channel]
    private var unsaved: Trace
    private var isEntered = false
    /// The reason why something is not in the ledger now.
    private(set) var failure: (any Error)?

    init(ledger: LedgerFile, start: RunStart, channels: [Channel]) {
        self.ledger = ledger
        self.start = start
        self.channels = channels
        unsaved = Trace(channels: channels)
    }

    /// Stores samples after those that are still waiting; the first call enters the run.
    mutating func store(_ samples: Trace) {
        unsaved.append(samples)
        if !isEntered {
            failure = error { try ledger.begin(start, channels: [channels]) }
            isEntered = failure == nil
        }
        guard isEntered, unsaved.count > 0 else { return }
        failure = error { try ledger.append(start.id, stream: 0, unsaved) }
        if failure == nil { unsaved = Trace(channels: channels) }
    }

    /// Every sample of the run, stored or waiting.
    func traces() throws -> [Trace] {
        // A chunk that cannot be read back must not cost the run its other samples.
        var trace = isEntered ? try ledger.readableTraces(start.id).traces.first ?? Trace(channels: channels) : unsaved
        if isEntered { trace.append(unsaved) }
        return [trace]
    }

    /// Closes the run; with a last attempt at what is waiting.
    mutating func finish(_ end: RunEnd) {
        store(Trace(channels: channels))
        guard isEntered, unsaved.count == 0 else { return }
        failure = error { try ledger.finish(start.id, end) }
    }

    /// What the closure throws.
    private func error(_ write: () throws -> Void) -> (any Error)? {
        do {
            try write()
            return nil
        } catch {
            return error
        }
    }
}
