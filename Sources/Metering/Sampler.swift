import Quantities
public import SystemPackage

/// Reads probes at a steady beat from a thread of its own.
///
/// The first sample is taken in ``start()`` before it returns and the last in ``stop()``, so that whatever runs
/// between the two calls has a sample right before and right after it. All methods but ``drain()`` belong to one
/// caller; ``drain()`` may be called from one other thread.
public final class Sampler {
    /// The channels of all probes, in the order of the trace's columns.
    public let channels: [Channel]
    /// The beat in nanoseconds; shorter than asked for where a counter could pass its range twice in between.
    public let interval: Int64

    private let state: SamplerState
    private var thread: PosixThread?
    private var report: SamplerReport?

    /// How long the ring holds samples that nobody drains, in seconds.
    private static let ringSeconds: Int64 = 660

    /// Takes the probes; `EINVAL` where the beat is below a tenth of a millisecond.
    public init(_ probes: [ProbeBox], interval: Int64) throws(Errno) {
        guard interval >= 100_000 else { throw Errno.invalidArgument }
        channels = probes.flatMap(\.channels)
        let longest = channels.compactMap(\.longestInterval).map { Int64($0.value * 1e9) }.min() ?? interval
        let interval = max(100_000, min(interval, longest))
        self.interval = interval
        let rows = Self.ringSeconds * 1_000_000_000 / interval * Int64(1 + SamplerState.mostExtras) + 64
        state = SamplerState(probes, interval: interval, rows: Int(rows))
    }

    deinit {
        if thread != nil { join() }
    }

    /// Takes the first sample and starts the beat.
    ///
    /// Calling it again does nothing.
    ///
    /// - Parameter aligned: Whether the beat falls on multiples of its interval by the wall clock, as on all other nodes
    ///   of a job; the interval after the first sample is shorter then.
    public func start(aligned: Bool = false) throws(Errno) {
        guard thread == nil, report == nil else { return }
        state.tick()
        state.nextTick = aligned ? nextWallMultiple(of: interval) : monotonicNow() + interval
        thread = try PosixThread(state)
    }

    /// What asks for a tick beside the beat, from any thread: at most four between two of the beat's.
    public var nudge: @Sendable () -> Void {
        let alarm = state.alarm
        return { alarm.nudge() }
    }

    /// The samples since the last call, in order.
    public func drain() -> Trace {
        var trace = Trace(channels: channels)
        state.ring.drain(into: &trace)
        return trace
    }

    /// Ends the beat at once, takes the last sample, and tells how it went.
    ///
    /// What was not drained stays there to drain.
    @discardableResult
    public func stop() -> SamplerReport {
        if let report { return report }
        if thread != nil {
            join()
            state.tick()
        }
        let made = SamplerReport(
            interval: Double(interval) / 1e9,
            ticks: state.ticks,
            missed: state.missed,
            latenessP99: state.lateness.quantile(0.99) / 1e9,
            cpuTime: Double(state.cpuTime) / 1e9
        )
        report = made
        return made
    }

    /// The first failure of each probe that had one; complete after ``stop()``.
    public var failures: [ProbeError] { report == nil ? [] : state.failures.compactMap { $0 } }

    /// What the probes say of their readings, a sentence each; complete after ``stop()``.
    public var warnings: [String] { report == nil ? [] : state.warnings }

    private func join() {
        guard let thread else { return }
        state.wakeUp()
        thread.join()
        self.thread = nil
    }
}
