import Glibc
import SystemPackage

/// What a thread of its own does.
class ThreadBody {
    /// Runs on that thread, and ends it.
    func run() {}
}

/// A thread outside the cooperative pool, which was seen hundreds of milliseconds late when it was busy.
struct PosixThread {
    private let thread: pthread_t

    /// Starts it; `EAGAIN` where no thread can be had.
    ///
    /// Until ``join()`` only that thread may touch the body.
    init(_ body: ThreadBody) throws(Errno) {
        var created = pthread_t()
        let context = unsafe Unmanaged.passRetained(body)
        let status = unsafe pthread_create(
            &created,
            nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
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

    /// Waits for its end.
    func join() { pthread_join(thread, nil) }
}
