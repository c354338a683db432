import Ledger
import Metering

/// Carries samples to the ledger and keeps those that it would not take.
///
/// A failure to write never ends the measured command: what could not be stored stays here in order, is tried
/// again with the next samples, and serves the run's account in the end.
struct SampleJournal {
    private let ledger: LedgerFile
    private let run: String
    private var start: RunStart?
    private var unsaved: Trace
    private var channels: [Channel]
    /// The reason why something is not in the ledger now.
    private(set) var failure: (any Error)?

    init(ledger: LedgerFile, run: String, channels: [Channel]) {
        self.ledger = ledger
        self.run = run
        self.channels = channels
        unsaved = Trace(channels: channels)
    }

    /// Enters the run; tried again with the first samples where it fails.
    mutating func begin(_ start: RunStart) {
        self.start = start
        enter()
    }

    /// Stores samples, after those that are still waiting.
    mutating func store(_ samples: Trace) {
        unsaved.append(samples)
        enter()
        guard start == nil, unsaved.count > 0 else { return }
        attempt { try ledger.append(run, stream: 0, unsaved) }
        if failure == nil { unsaved = Trace(channels: channels) }
    }

    /// Closes the run.
    mutating func finish(_ end: RunEnd) {
        guard start == nil, unsaved.count == 0 else { return }
        attempt { try ledger.finish(run, end) }
    }

    /// Every sample of the run, stored or waiting.
    func traces() throws -> [Trace] {
        var trace = start == nil ? try ledger.traces(run).first ?? Trace(channels: channels) : Trace(channels: channels)
        trace.append(unsaved)
        return [trace]
    }

    private mutating func enter() {
        guard let start else { return }
        attempt { try ledger.begin(start, channels: [channels]) }
        if failure == nil { self.start = nil }
    }

    private mutating func attempt(_ write: () throws -> Void) {
        do {
            try write()
            failure = nil
        } catch {
            failure = error
        }
    }
}
