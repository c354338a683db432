import Glibc

/// A sleep until an instant of `CLOCK_MONOTONIC` that another thread can end.
///
/// A condition variable bound to that clock: it sleeps on the same timers as `clock_nanosleep` with `TIMER_ABSTIME`,
/// which can only be ended by a signal.
@safe
final class Alarm: Sendable {
    // The mutex guards what follows it.
    private nonisolated(unsafe) let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private nonisolated(unsafe) let condition: UnsafeMutablePointer<pthread_cond_t>
    private nonisolated(unsafe) var rung = false
    private nonisolated(unsafe) var nudged = false

    /// Why a wait has ended.
    enum End {
        /// The instant has come.
        case time
        /// Something happened that is worth a look.
        case nudge
        /// It is over.
        case rung
    }

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe condition = .allocate(capacity: 1)
        unsafe condition.initialize(to: pthread_cond_t())
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Ends the sleep, or the next one.
    func ring() {
        unsafe pthread_mutex_lock(mutex)
        unsafe rung = true
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Ends the wait, or the next one, for a look.
    func nudge() {
        unsafe pthread_mutex_lock(mutex)
        unsafe nudged = true
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// `true` when the instant has come, `false` when the alarm was rung.
    func sleep(until time: Int64) -> Bool {
        while true {
            switch wait(until: time) {
            case .time: return true
            case .rung: return false
            case .nudge: continue
            }
        }
    }

    /// Waits until an instant, a nudge, or the end.
    func wait(until time: Int64) -> End {
        var deadline = timespec()
        deadline.tv_sec = Int(time / 1_000_000_000)
        deadline.tv_nsec = Int(time % 1_000_000_000)
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if unsafe rung { return .rung }
            if unsafe nudged {
                unsafe nudged = false
                return .nudge
            }
            let status = unsafe pthread_cond_timedwait(condition, mutex, &deadline)
            if status == ETIMEDOUT { return unsafe rung ? .rung : .time }
        }
    }
}
