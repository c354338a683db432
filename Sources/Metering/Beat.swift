import Glibc
public import SystemPackage

/// Calls a function at once, then at a steady beat from a thread of its own, until it is stopped.
///
/// A thread, since a task was seen hundreds of milliseconds late while others kept the cooperative pool busy.
public final class Beat {
    private let state: BeatState
    private var thread: pthread_t?

    /// Starts the beat, every `interval` nanoseconds; `EAGAIN` where no thread can be had.
    public init(every interval: Int64, _ body: @escaping @Sendable () -> Void) throws(Errno) {
        state = BeatState(interval: interval, body: body)
        var created = pthread_t()
        let context = unsafe Unmanaged.passRetained(state)
        let status = unsafe pthread_create(
            &created,
            nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<BeatState>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context.toOpaque()
        )
        guard status == 0 else {
            unsafe context.release()
            throw Errno(rawValue: status)
        }
        thread = created
    }

    deinit { stop() }

    /// Ends the beat; a call that is under way is waited for.
    public func stop() {
        guard let thread else { return }
        state.alarm.ring()
        pthread_join(thread, nil)
        self.thread = nil
    }
}

/// What the thread of a ``Beat`` works on.
private final class BeatState {
    let alarm = Alarm()
    private let interval: Int64
    private let body: @Sendable () -> Void

    init(interval: Int64, body: @escaping @Sendable () -> Void) {
        self.interval = interval
        self.body = body
    }

    func run() {
        var next = monotonicNow()
        repeat {
            body()
            next = max(next + interval, monotonicNow())
        } while alarm.sleep(until: next)
    }
}
