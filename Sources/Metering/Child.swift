internal import CSpawn
import Glibc
public import SystemPackage

/// Why a command could not be started.
public struct SpawnError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The system's reason.
    public var errno: Errno
    /// The program that was to be started.
    public var program: String

    /// A failed start of `program`.
    public init(errno: Errno, program: String) {
        self.errno = errno
        self.program = program
    }

    /// What a shell would end with: 127 where there is no such command, 126 where it cannot be executed.
    public var exitStatus: Int32 {
        errno == .noSuchFileOrDirectory || errno == .notDirectory ? 127 : 126
    }

    /// One sentence.
    public var description: String { "\(program) cannot be started: \(errno)." }
}

/// A program that was started and is measured.
///
/// It waits before its first instruction until ``resume()``. Signals that end or stop the meter are handed on to it
/// while it lives; the meter goes on, to write down what it measured. Only this process is reaped: what it
/// leaves behind lives on, as with a shell.
public struct Child: ~Copyable {
    /// What it reads, and whether the terminal may become its own.
    public enum Input: Sendable {
        /// Ours; in the foreground of a terminal its group gets that, as from a shell.
        case inherited
        /// Nothing, and no terminal, so that keys reach us alone; one that asks for a terminal is hung up.
        case none
    }

    /// Where what it writes goes.
    public enum Output: Sendable {
        /// To where ours goes.
        case inherited
        /// Both to our standard error.
        case standardError
        /// Both to an open file.
        case file(FileDescriptor)

        fileprivate var descriptors: (output: Int32, error: Int32) {
            switch self {
            case .inherited: (-1, -1)
            case .standardError: (STDERR_FILENO, -1)
            case .file(let file): (file.rawValue, file.rawValue)
            }
        }
    }

    /// Its process id.
    public let pid: Int32
    /// Nanoseconds of `CLOCK_MONOTONIC` just before the program was let go; 0 until then.
    public private(set) var start: Int64 = 0

    /// After the end: the signal from the terminal that it died of, and that we should die of in turn.
    ///
    /// A shell ends its loop or script only where what it called died of the key's signal; an exit status means that
    /// it was dealt with.
    public var terminalSignal: Int32? { handle.passes_on == 0 ? nil : handle.passes_on }

    private var handle: cspawn_child
    private let program: String

    private init(_ handle: cspawn_child, program: String) {
        self.handle = handle
        self.program = program
        pid = handle.pid
    }

    deinit {
        var handle = handle
        unsafe cspawn_discard(&handle)
    }

    /// Makes a process that will run `command`, found along `PATH` of its environment, and holds it before its start.
    ///
    /// - Parameters:
    ///   - words: The command's words byte for byte, each with a closing zero; needed where they are not UTF-8.
    ///   - variables: They take the place of our own of their names; the others are inherited byte for byte.
    ///   - input: What it reads.
    ///   - output: Where its standard output and error go.
    public static func spawn(
        command: [String],
        words: [[CChar]]? = nil,
        variables: [String: String] = [:],
        input: Input = .inherited,
        output: Output = .inherited
    ) throws(SpawnError) -> Child {
        guard let program = command.first, !program.isEmpty else {
            throw SpawnError(errno: .noSuchFileOrDirectory, program: "an empty command")
        }
        let arguments = unsafe CStrings(words ?? command.map { Array($0.utf8CString) })
        let variables = unsafe CStrings(variables.map { Array("\($0.key)=\($0.value)".utf8CString) })
        defer {
            unsafe arguments.free()
            unsafe variables.free()
        }
        var nothing: FileDescriptor?
        do {
            if input == .none {
                nothing = try unsafe FileDescriptor.open("/dev/null", .readOnly, options: .closeOnExec)
            }
        } catch {
            throw SpawnError(errno: error as? Errno ?? .ioError, program: program)
        }
        defer { try? nothing?.close() }
        var handle = cspawn_child()
        let status = unsafe cspawn_start(
            arguments.pointer,
            variables.pointer,
            nothing?.rawValue ?? -1,
            output.descriptors.output,
            output.descriptors.error,
            &handle
        )
        guard status == 0 else { throw SpawnError(errno: Errno(rawValue: status), program: program) }
        return Child(handle, program: program)
    }

    /// Lets the program go and returns when it runs; throws where it cannot be executed, and the child is then gone.
    public mutating func resume() throws(SpawnError) {
        let status = unsafe cspawn_resume(&handle, &start)
        guard status == 0 else { throw SpawnError(errno: Errno(rawValue: status), program: program) }
    }

    /// Waits for its end: the exit status, or 128 + signal, and the instant at which it was reaped.
    ///
    /// Blocks the calling thread.
    public mutating func wait() throws(SpawnError) -> (status: Int32, end: Int64) {
        var status: Int32 = 0
        var end: Int64 = 0
        let error = unsafe cspawn_wait(&handle, &status, &end)
        guard error == 0 else { throw SpawnError(errno: Errno(rawValue: error), program: program) }
        return (status, end)
    }
}

/// A C array of strings that ends with a null pointer.
@unsafe
private struct CStrings {
    let pointer: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private let count: Int

    init(_ strings: [[CChar]]) {
        unsafe count = strings.count
        unsafe pointer = .allocate(capacity: strings.count + 1)
        for (i, string) in strings.enumerated() { unsafe (pointer + i).initialize(to: UnsafePointer(strdup(string))) }
        unsafe (pointer + strings.count).initialize(to: nil)
    }

    func free() {
        for i in unsafe 0..<count { unsafe Glibc.free(UnsafeMutableRawPointer(mutating: pointer[i])) }
        unsafe pointer.deallocate()
    }
}
