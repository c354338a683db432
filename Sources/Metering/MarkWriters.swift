internal import CSpawn
import Glibc
import Synchronization
public import SystemPackage

/// The processes that write marks to a file, and when each of them ended.
///
/// A process is followed from its first mark on, where its environment names the file: one of another namespace of
/// process ids could be taken for a stranger here. Where the kernel is older than 5.3 none is followed.
public final class MarkWriters: Sendable {
    private struct State {
        /// Where the first line that was not looked at begins.
        var offset: Int64 = 0
        var seen: Set<Int32> = []
        var followed: [Int32: FileDescriptor] = [:]
        var ends: [Int32: Int64] = [:]
    }

    private let file: FileDescriptor
    private let variable: [UInt8]
    private let state = Mutex(State())
    private static let mostFollowed = 256

    /// Follows the writers to the file at `path`, which the variable `WATTBOOK_MARKS` of their environment names.
    public init(path: String) throws(Errno) {
        file = try FileTree(root: "").open(path)
        variable = Array("WATTBOOK_MARKS=\(path)".utf8)
    }

    deinit {
        state.withLock { state in for descriptor in state.followed.values { try? descriptor.close() } }
        try? file.close()
    }

    /// Looks who has written and who has ended since the last call; when one of what it hands out becomes readable,
    /// there is more to see.
    @discardableResult
    public func look() -> [FileDescriptor] {
        state.withLock { state in
            for pid in newWriters(&state.offset) where !state.seen.contains(pid) { follow(pid, &state) }
            for (pid, descriptor) in state.followed {
                var wait = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
                guard unsafe poll(&wait, 1, 0) > 0 else { continue }
                state.ends[pid] = monotonicNow()
                state.followed[pid] = nil
                try? descriptor.close()
            }
            return Array(state.followed.values)
        }
    }

    /// When the processes ended that were seen to end, by their ids; ns of `CLOCK_MONOTONIC`.
    public var ends: [Int32: Int64] { state.withLock { $0.ends } }

    private func follow(_ pid: Int32, _ state: inout State) {
        guard state.followed.count < Self.mostFollowed else { return }
        state.seen.insert(pid)
        let descriptor = cspawn_process_descriptor(pid)
        guard descriptor >= 0 else { return }
        let environment = (try? FileTree(root: "").bytes("/proc/\(pid)/environ")) ?? []
        if environment.split(separator: 0).contains(where: { $0.elementsEqual(variable) }) {
            state.followed[pid] = FileDescriptor(rawValue: descriptor)
        } else {
            close(descriptor)
        }
    }

    /// The processes of the whole lines from `offset` on.
    private func newWriters(_ offset: inout Int64) -> Set<Int32> {
        var pids: Set<Int32> = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while true {
            var span = chunk.mutableSpan
            guard case .success(let count) = file.read(at: offset, into: &span), count > 0 else { return pids }
            guard let end = chunk[..<count].lastIndex(of: UInt8(ascii: "\n")) else {
                // No line is as long: what is no line is passed over.
                if count == chunk.count { offset += Int64(count) }
                return pids
            }
            for line in chunk[..<end].split(separator: UInt8(ascii: "\n")) {
                let digits = line.drop { $0 != UInt8(ascii: " ") }.dropFirst().prefix { $0 != UInt8(ascii: ".") }
                if let pid = Int32(String(decoding: digits, as: UTF8.self)) { pids.insert(pid) }
            }
            offset += Int64(end) + 1
        }
    }
}
