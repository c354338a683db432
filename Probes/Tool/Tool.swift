internal import CSpawn
import Glibc
public import Quantities
public import SystemPackage

/// Another maker's program that prints a reading, ready to be run again and again.
///
/// It is run without a shell, in a process group of its own, with our environment in the language `C`, nothing to read
/// and its errors dropped. A call blocks for ``limit`` at most, and asks for no memory.
@safe
public struct Tool: ~Copyable {
    /// How a call ended.
    public enum End: Sendable, Hashable {
        /// It ended with this status; 128 + signal where it was killed.
        case exited(Int32)
        /// It was killed at the limit.
        case timedOut
        /// It did not even end when it was killed, as behind a driver that hangs: not to be asked again.
        case stuck
        /// It could not be started.
        case failed(Errno)
    }

    /// The longest time that a call takes.
    ///
    /// A run's end waits for the call under way and makes one more: 5 s with a tool that hangs.
    public static let limit = Seconds(2.5)

    /// The program's path.
    public let path: String
    private let arguments: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private let count: Int
    private let time: Int64
    /// What the last call printed, in the first ``length`` bytes.
    public private(set) var bytes: [UInt8]
    /// How many bytes of it are kept.
    public private(set) var length = 0

    /// A program by its path, and its arguments.
    ///
    /// - Parameters:
    ///   - limit: After so long it is killed with all that it started.
    ///   - capacity: Bytes of output that are kept.
    public init(_ path: String, _ arguments: [String], limit: Seconds = Tool.limit, capacity: Int = 8192) {
        self.path = path
        let words = [path] + arguments
        count = words.count
        unsafe self.arguments = .allocate(capacity: count + 1)
        for (i, word) in words.enumerated() {
            unsafe (self.arguments + i).initialize(to: UnsafePointer(strdup(word)))
        }
        unsafe (self.arguments + count).initialize(to: nil)
        time = Int64(limit.value * 1e9)
        bytes = [UInt8](repeating: 0, count: capacity)
    }

    deinit {
        for i in 0..<count { unsafe free(UnsafeMutableRawPointer(mutating: arguments[i])) }
        unsafe arguments.deallocate()
    }

    /// Runs it once and keeps its output.
    public mutating func run() -> End {
        var status: Int32 = 0
        let (arguments, time) = unsafe (arguments, time)
        var length = 0
        let error = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            unsafe cspawn_capture(arguments, buffer.baseAddress, buffer.count, time, &length, &status)
        }
        self.length = length
        switch error {
        case 0: return .exited(status)
        case ETIMEDOUT: return .timedOut
        case EBUSY: return .stuck
        default: return .failed(Errno(rawValue: error))
        }
    }

    /// What the last call printed, as text.
    public var text: String { String(decoding: bytes.prefix(length), as: UTF8.self) }

    /// The path of a program that may be executed, from the folders of a search path; `nil` where there is none.
    public static func find(_ name: String, along path: String?) -> String? {
        (path ?? "").split(separator: ":").lazy.map { "\($0)/\(name)" }.first { candidate in
            var status = stat()
            return unsafe access(candidate, X_OK) == 0 && stat(candidate, &status) == 0
                && status.st_mode & S_IFMT == S_IFREG
        }
    }
}
