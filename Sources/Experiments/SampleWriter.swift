import Ledger
import Metering
import Synchronization

/// Brings a sampler's readings to the ledger at every beat, from a thread of its own.
///
/// The sampler goes on while a slow disk holds the writer up: its ring keeps more than ten minutes.
final class SampleWriter: Sendable {
    private struct State {
        var sampler: Sampler
        var journal: SampleJournal
    }

    private let state: Mutex<State>

    init(_ sampler: sending Sampler, _ journal: SampleJournal) {
        state = Mutex(State(sampler: sampler, journal: journal))
    }

    /// Stores what was read since the last call.
    func write() {
        state.withLock { $0.journal.store($0.sampler.drain()) }
    }

    /// Ends the sampling, and hands out all that is known of the run's readings; the probes' failures are warnings.
    func finish() -> (journal: SampleJournal, report: SamplerReport, warnings: [String]) {
        state.withLock { state in
            let report = state.sampler.stop()
            state.journal.store(state.sampler.drain())
            return (state.journal, report, state.sampler.failures.map(\.description) + state.sampler.warnings)
        }
    }
}
