import Glibc
import Metering
import Testing

/// Sleeps once, so that a test that waits for another thread does not turn a core.
func pause(_ nanoseconds: Int) {
    var time = timespec()
    time.tv_nsec = nanoseconds
    unsafe nanosleep(&time, nil)
}

@Suite("Starting what is measured", .serialized)
struct ChildTests {
    private let variables = ["PATH": "/usr/bin:/bin", "GREETING": "hello there"]

    private func run(_ command: String...) throws -> Int32 {
        var child = try Child.spawn(command: command, variables: variables)
        try child.resume()
        return try child.wait().status
    }

    @Test("gives the exit status of the command", arguments: [0, 1, 3, 127, 255])
    func exitStatus(_ status: Int32) throws {
        #expect(try run("sh", "-c", "exit \(status)") == status)
    }

    @Test("gives 128 + signal when it was killed", arguments: [SIGKILL, SIGTERM, SIGSEGV])
    func killed(_ signal: Int32) throws {
        #expect(try run("sh", "-c", "ulimit -c 0; kill -\(signal) $$") == 128 + signal)
    }

    @Test(
        "tells a command that does not exist from one that cannot be executed",
        arguments: [
            ("/nonexistent/program", 127), ("no-such-command-anywhere", 127), ("/etc/passwd", 126), ("/tmp", 126),
        ]
    )
    func cannotStart(_ program: String, _ status: Int32) throws {
        var child = try Child.spawn(command: [program], variables: variables)
        let error = #expect(throws: SpawnError.self) { try child.resume() }
        #expect(error?.exitStatus == status)
    }

    @Test("an empty command is no command")
    func empty() {
        #expect(throws: SpawnError.self) { _ = try Child.spawn(command: [], variables: [:]) }
    }

    @Test("holds the child before its first instruction, and stamps spawn and reaping")
    func held() throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/made"
        var child = try Child.spawn(command: ["sh", "-c", "echo > \(file)"], variables: variables)
        pause(20_000_000)
        #expect(unsafe access(file, F_OK) != 0)
        let before = monotonicNow()
        try child.resume()
        let (status, end) = try child.wait()
        #expect(status == 0)
        #expect(unsafe access(file, F_OK) == 0)
        #expect(child.start >= before && child.start < end && end <= monotonicNow())
    }

    @Test("a child that is never let go is gone without running")
    func discarded() throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/made"
        let pid = try discard(file)
        #expect(kill(pid, 0) != 0)
        #expect(unsafe access(file, F_OK) != 0)
    }

    private func discard(_ file: String) throws -> Int32 {
        let child = try Child.spawn(command: ["touch", file], variables: variables)
        return child.pid
    }

    @Test("passes the environment with its own variables, and the output where it is told to")
    func environmentAndOutput() throws {
        let folder = try TemporaryFolder()
        let home = unsafe getenv("HOME").map { unsafe String(cString: $0) } ?? ""
        let script = """
            [ "$GREETING" = 'hello there' ] && [ "$HOME" = '\(home)' ] && [ "$(env | grep -c ^PATH=)" = 1 ] \
            && [ "$PATH" = /usr/bin:/bin ] && [ /proc/self/fd/1 -ef /proc/self/fd/2 ]
            """
        var child = try Child.spawn(command: ["sh", "-c", script], variables: variables, output: .standardError)
        try child.resume()
        #expect(try child.wait().status == 0)
        _ = folder
    }

    @Test("the child starts with no signal blocked, whatever the thread that started it blocks")
    func clean() throws {
        #expect(try run("grep", "-q", "^SigBlk:.0*$", "/proc/self/status") == 0)
    }

    @Test("200 starts leave no descriptor and no process behind")
    func noLeak() throws {
        let before = openDescriptors()
        for i in 0..<200 {
            var child = try Child.spawn(
                command: [i % 10 == 0 ? "/nonexistent" : "/bin/true"],
                variables: variables
            )
            do throws(SpawnError) {
                try child.resume()
            } catch {
                continue
            }
            _ = try child.wait()
        }
        // Other tests run beside this one and may hold a few.
        #expect(openDescriptors() < before + 50)
    }

    @Test("no descriptor of ours reaches the child")
    func nothingInherited() throws {
        // What the test's own parent left open goes on to the child, as with a shell; nothing else may.
        let open = (3..<1024).filter { fcntl(Int32($0), F_GETFD) & FD_CLOEXEC == 0 && fcntl(Int32($0), F_GETFD) >= 0 }
        let known = open.map { " \($0) " }.joined()
        let script =
            "for f in /proc/$$/fd/*; do [ -e $f ] || continue; case '\(known)' in *\" ${f##*/} \"*) ;; *) [ ${f##*/} -le 2 ] || exit 9;; esac; done"
        #expect(try run("sh", "-c", script) == 0)
    }

    private func openDescriptors() -> Int {
        (0..<1024).count { fcntl(Int32($0), F_GETFD) >= 0 }
    }
}

/// A folder that is gone when its owner is.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/wattbook-test-XXXXXX".utf8CString)
        guard let made = unsafe mkdtemp(&template) else { throw CancellationError() }
        path = unsafe String(cString: made)
    }

    deinit { Self.remove(path) }

    /// Writes a file and the folders that it needs.
    func write(_ text: String, to name: String) throws {
        var folder = path
        let parts = name.split(separator: "/")
        for part in parts.dropLast() {
            folder += "/" + part
            unsafe mkdir(folder, 0o755)
        }
        guard let file = unsafe fopen(path + "/" + name, "we") else { throw CancellationError() }
        unsafe fputs(text, file)
        unsafe fclose(file)
    }

    private static func remove(_ path: String) {
        if let folder = unsafe opendir(path) {
            while let entry = unsafe readdir(folder) {
                let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                let inner = path + "/" + name
                // A link is removed, never followed.
                if name != ".", name != "..", unsafe unlink(inner) != 0 { remove(inner) }
            }
            unsafe closedir(folder)
        }
        unsafe rmdir(path)
    }
}
