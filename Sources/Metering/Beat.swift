public import SystemPackage

/// Calls a function at once, then at a steady beat from a thread of its own, until it is stopped.
public final class Beat {
    private let state: BeatState
    private var thread: PosixThread?

    /// Starts the beat, every `interval` nanoseconds; `EAGAIN` where no thread can be had.
    ///
    /// - Parameter aligned: Whether it falls on multiples of the interval by the wall clock, but for the first call.
    public init(
        every interval: Int64,
        aligned: Bool = false,
        _ body: @escaping @Sendable () -> Void
    ) throws(Errno) {
        state = BeatState(interval: interval, isAligned: aligned, body: body)
        thread = try PosixThread(state)
    }

    deinit { stop() }

    /// Ends the beat; a call that is under way is waited for.
    public func stop() {
        guard let thread else { return }
        state.alarm.ring()
        thread.join()
        self.thread = nil
    }
}

/// What the thread of a ``Beat`` works on.
private final class BeatState: ThreadBody {
    let alarm = Alarm()
    private let interval: Int64
    private let isAligned: Bool
    private let body: @Sendable () -> Void

    init(interval: Int64, isAligned: Bool, body: @escaping @Sendable () -> Void) {
        self.interval = interval
        self.isAligned = isAligned
        self.body = body
    }

    override func run() {
        var next = monotonicNow()
        body()
        next = isAligned ? nextWallMultiple(of: interval) : max(next + interval, monotonicNow())
        while alarm.sleep(until: next) {
            body()
            let late = max(0, monotonicNow() - next)
            // Who is late by whole beats calls at once, or waits for the next multiple.
            next += isAligned ? (late / interval + 1) * interval : max(interval, late)
        }
    }
}
