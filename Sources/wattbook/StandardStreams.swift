import Glibc
import Synchronization
import SystemPackage

/// Input, output and errors as the caller handed them over, open or closed.
enum StandardStreams {
    private static let failure = Mutex<Errno?>(nil)

    /// Keeps their numbers from the next file that is opened, where the caller closed one: what is written there
    /// must fail, not end in a ledger.
    static func occupyClosed() {
        while true {
            // Read-only, so that a write fails; not for children, who see them closed as we did.
            let opened = try? unsafe FileDescriptor.open("/dev/null", .readOnly, options: .closeOnExec)
            guard let file = opened else { return }
            guard file.rawValue <= STDERR_FILENO else {
                try? file.close()
                return
            }
        }
    }

    /// Remembers that something of standard output is lost.
    static func lostOutput(_ reason: Errno) {
        // Who reads no further wants no more of it.
        guard reason != .brokenPipe else { return }
        failure.withLock { $0 = $0 ?? reason }
    }

    /// What is to be said of output that was lost, if any was.
    static var outputFailure: Failure? {
        failure.withLock { $0 }.map {
            Failure(
                .inputOutput,
                "Standard output could not be written: \($0).",
                remedy: "See that where it goes is open and has room."
            )
        }
    }
}
