import Glibc
import Metering
import ProbeTestKit
import Testing

@Suite("Following who writes marks")
struct MarkWritersTests {
    /// A process that writes a line of its own and ends when its input does not block it any more.
    private func writer(_ path: String, variables: [String: String]) throws -> (
        pid: Int32, end: Int64, seen: MarkWriters
    ) {
        let writers = try MarkWriters(path: path)
        let script = "echo \"1 $$.$$ begin left\" >> '\(path)'; read line < '\(path).gate'"
        unsafe mkfifo(path + ".gate", 0o600)
        var child = try Child.spawn(command: ["sh", "-c", script], variables: variables)
        try child.resume()
        let deadline = monotonicNow() + 10_000_000_000
        while try Marks.read(path: path).marks.isEmpty, monotonicNow() < deadline { pause(2_000_000) }
        writers.look()
        #expect(writers.ends.isEmpty, "it lives")
        // Opens once the script reads; without blocking, as the script may not have come so far.
        var gate: Int32 = -1
        while gate < 0, monotonicNow() < deadline {
            gate = unsafe open(path + ".gate", O_WRONLY | O_NONBLOCK)
            if gate < 0 { pause(2_000_000) }
        }
        try #require(gate >= 0)
        close(gate)
        let end = try child.wait().end
        writers.look()
        return (child.pid, end, writers)
    }

    @Test("the end of a process is noted, whose environment names the file")
    func end() throws {
        let tree = try TemporaryTree()
        try tree.write("/marks", "")
        let path = tree.root + "/marks"
        let (pid, end, writers) = try writer(path, variables: ["WATTBOOK_MARKS": path])
        #expect(Array(writers.ends.keys) == [pid])
        #expect(try #require(writers.ends[pid]) >= end)
        #expect(writers.look().isEmpty)
    }

    @Test("a process that was started by others is not followed, nor one that is not there")
    func strangers() throws {
        let tree = try TemporaryTree()
        try tree.write("/marks", "words\n\n1 2147483647.1 begin a\n1 \(getpid()).1 begin a\n")
        let path = tree.root + "/marks"
        let (_, _, writers) = try writer(path, variables: ["WATTBOOK_MARKS": path + "2"])
        #expect(writers.ends.isEmpty)
        #expect(writers.look().isEmpty)
    }
}
