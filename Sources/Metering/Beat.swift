public import SystemPackage

/// Calls a function at once, then at a steady beat from a thread of its own, until it is stopped.
public final class Beat {
    private let state: BeatState
    private var thread: PosixThread?

    /// Starts the beat, every `interval` nanoseconds; `EAGAIN` where no thread can be had.
    public init(every interval: Int64, _ body: @escaping @Sendable () -> Void) throws(Errno) {
        state = BeatState(interval: interval, body: body)
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
    private let body: @Sendable () -> Void

    init(interval: Int64, body: @escaping @Sendable () -> Void) {
        self.interval = interval
        self.body = body
    }

    override func run() {
        var next = monotonicNow()
        repeat {
            body()
            next = max(next + interval, monotonicNow())
        } while alarm.sleep(until: next)
    }
}
