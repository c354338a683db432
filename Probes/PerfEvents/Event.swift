import CPerfEvents
import Glibc
import SystemPackage

/// One counter in the words of `perf_event_open`: an event of a unit, on one processor.
struct Event: Hashable {
    var type: UInt32
    var config: UInt64
    var processor: Int32

    /// Opens it, and begins anew with the first version of the attributes where the kernel finds ours too long.
    func open(size: UInt32 = cperfevents_size) throws(Errno) -> FileDescriptor {
        let descriptor = cperfevents_open(type, config, processor, size)
        if descriptor == -E2BIG, size != cperfevents_first_size { return try open(size: cperfevents_first_size) }
        guard descriptor >= 0 else { throw Errno(rawValue: -descriptor) }
        return FileDescriptor(rawValue: descriptor)
    }
}

/// What an open event shows.
struct EventCount: Hashable {
    /// The counts since it was opened.
    var value: UInt64
    /// For how many nanoseconds it has counted.
    var running: UInt64
}

extension FileDescriptor {
    /// Reads an event; allocates nothing.
    ///
    /// Fails with what `read` fails with, and with `ENODATA` where the kernel gives less than a count, as for an event
    /// whose unit has gone.
    func readEvent() -> Result<EventCount, Errno> {
        // The count, the time enabled, the time running.
        var words = InlineArray<3, UInt64>(repeating: 0)
        let size = MemoryLayout<UInt64>.size * 3
        var span = words.mutableSpan
        while true {
            let descriptor = rawValue
            let count = unsafe span.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, size) }
            if count == size { return .success(EventCount(value: span[0], running: span[2])) }
            let failure = count < 0 ? errno : ENODATA
            guard failure == EINTR else { return .failure(Errno(rawValue: failure)) }
        }
    }
}
