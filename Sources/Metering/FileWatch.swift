import Glibc
import SystemPackage

/// Calls a function whenever a file is written to, from a thread of its own, until it is stopped.
public final class FileWatch {
    private let state: FileWatchState
    private var thread: PosixThread?

    /// Watches a file; `nil` where the system has no way to (no inotify, or too many watches).
    public init?(path: String, _ body: @escaping @Sendable () -> Void) {
        guard let state = FileWatchState(path: path, body: body), let thread = try? PosixThread(state) else {
            return nil
        }
        self.state = state
        self.thread = thread
    }

    deinit { stop() }

    /// Ends the watch; a call that is under way is waited for.
    public func stop() {
        guard let thread else { return }
        state.end()
        thread.join()
        self.thread = nil
    }
}

/// What the thread of a ``FileWatch`` works on.
private final class FileWatchState: ThreadBody {
    private let events: FileDescriptor
    private let ending: (read: FileDescriptor, write: FileDescriptor)
    private let body: @Sendable () -> Void

    init?(path: String, body: @escaping @Sendable () -> Void) {
        let watch = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard watch >= 0, unsafe inotify_add_watch(watch, path, UInt32(IN_MODIFY)) >= 0 else {
            if watch >= 0 { close(watch) }
            return nil
        }
        events = FileDescriptor(rawValue: watch)
        guard let pipe = try? FileDescriptor.pipe() else {
            close(watch)
            return nil
        }
        for end in [pipe.readEnd, pipe.writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
        ending = (pipe.readEnd, pipe.writeEnd)
        self.body = body
    }

    deinit {
        for file in [events, ending.read, ending.write] { try? file.close() }
    }

    func end() { _ = try? ending.write.writeAll([0]) }

    override func run() {
        var waits = [
            pollfd(fd: events.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: ending.read.rawValue, events: Int16(POLLIN), revents: 0),
        ]
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            guard unsafe poll(&waits, nfds_t(waits.count), -1) > 0 else {
                if errno == EINTR { continue }
                return
            }
            guard waits[1].revents == 0 else { return }
            // What came meanwhile is one event: its content does not matter.
            while unsafe read(events.rawValue, &buffer, buffer.count) > 0 {}
            body()
        }
    }
}
