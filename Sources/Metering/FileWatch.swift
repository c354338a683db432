import Glibc
public import SystemPackage

/// Calls a function whenever a file is written to, from a thread of its own, until it is stopped.
///
/// Where the system has no way to tell (no inotify, or too many watches), it never calls.
public final class FileWatch {
    private let state: FileWatchState
    private let thread: PosixThread

    /// Watches a file from a moment after the start on.
    ///
    /// - Parameter also: Asked before every wait for descriptors that call it too when they are readable.
    /// - Throws: where no thread or pipe can be had.
    public init(
        path: String,
        also: @escaping @Sendable () -> [FileDescriptor] = { [] },
        _ body: @escaping @Sendable () -> Void
    ) throws(Errno) {
        state = try FileWatchState(path: path, also: also, body: body)
        thread = try PosixThread(state)
    }

    deinit {
        state.end()
        thread.join()
    }

    /// Ends the watch, soon: the kernel takes some 10 ms to give it up, which its own thread waits for.
    public func stop() { state.end() }
}

/// What the thread of a ``FileWatch`` works on.
private final class FileWatchState: ThreadBody {
    private let ending: (read: FileDescriptor, write: FileDescriptor)
    private let path: String
    private let also: @Sendable () -> [FileDescriptor]
    private let body: @Sendable () -> Void

    /// A command that ends sooner is not worth the time that it takes to give a watch up, ms.
    private static let patience: Int32 = 30

    init(
        path: String,
        also: @escaping @Sendable () -> [FileDescriptor],
        body: @escaping @Sendable () -> Void
    ) throws(Errno) {
        do {
            let pipe = try FileDescriptor.pipe()
            ending = (pipe.readEnd, pipe.writeEnd)
        } catch {
            throw error as? Errno ?? .ioError
        }
        for end in [ending.read, ending.write] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
        self.path = path
        self.also = also
        self.body = body
    }

    deinit {
        for file in [ending.read, ending.write] { try? file.close() }
    }

    func end() { _ = try? ending.write.writeAll([0]) }

    override func run() {
        var waits = [pollfd(fd: ending.read.rawValue, events: Int16(POLLIN), revents: 0)]
        guard unsafe poll(&waits, 1, Self.patience) == 0 else { return }
        let events = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard events >= 0 else { return }
        defer { close(events) }
        guard unsafe inotify_add_watch(events, path, UInt32(IN_MODIFY)) >= 0 else { return }
        waits.append(pollfd(fd: events, events: Int16(POLLIN), revents: 0))
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            waits.replaceSubrange(2..., with: also().map { pollfd(fd: $0.rawValue, events: Int16(POLLIN), revents: 0) })
            guard unsafe poll(&waits, nfds_t(waits.count), -1) > 0 else {
                if errno == EINTR { continue }
                return
            }
            guard waits[0].revents == 0 else { return }
            // What came meanwhile is one event: its content does not matter.
            while unsafe read(events, &buffer, buffer.count) > 0 {}
            body()
        }
    }
}
