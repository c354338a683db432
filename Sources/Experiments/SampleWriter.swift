import Ledger
import Metering
import Synchronization

/// Brings the readings of all samplers to the ledger at every beat, from a thread of its own.
///
/// A sampler goes on while a slow disk holds the writer up: its ring keeps more than ten minutes.
final class SampleWriter: Sendable {
    private struct State {
        var samplers: [Sampler]
        var journal: SampleJournal
    }

    private let state: Mutex<State>

    init(_ samplers: sending [Sampler], _ journal: SampleJournal) {
        state = Mutex(State(samplers: samplers, journal: journal))
    }

    /// Stores what was read since the last call.
    func write() {
        state.withLock { state in state.journal.store(state.samplers.map { $0.drain() }) }
    }

    /// Ends the sampling, and hands out all that is known of the run's readings; the probes' failures are warnings.
    ///
    /// The counters' last readings come first: a slow source takes its time.
    func finish() -> (journal: SampleJournal, report: SamplerReport?, warnings: [String]) {
        state.withLock { state in
            let reports = state.samplers.map { $0.stop() }
            state.journal.store(state.samplers.map { $0.drain() })
            let warnings = state.samplers.flatMap { $0.failures.map(\.description) + $0.warnings }
            return (state.journal, reports.first, warnings)
        }
    }
}
