import Glibc
import Metering
import ProbeTestKit
import Quantities
import Testing
import Tool

@Suite("Running another maker's program")
struct ToolTests {
    private func shell(_ script: String, limit: Double = 2.5, capacity: Int = 8192) -> (Tool.End, String, Double) {
        var tool = Tool("/bin/sh", ["-c", script], limit: Seconds(limit), capacity: capacity)
        let start = ContinuousClock.now
        let end = tool.run()
        return (end, tool.text, (ContinuousClock.now - start) / .seconds(1))
    }

    @Test("takes what it prints and its status")
    func output() {
        let (end, text, _) = shell("echo one; echo two; echo none >&2")
        #expect(end == .exited(0) && text == "one\ntwo\n")
        #expect(shell("exit 7").0 == .exited(7))
        #expect(shell("kill -9 $$").0 == .exited(137))
    }

    @Test("it finds nothing to read, the language C, a group of its own, and none of our descriptors")
    func surroundings() throws {
        #expect(shell("cat; echo $LC_ALL").1 == "C\n")
        let group = shell("cut -d' ' -f5 /proc/$$/stat; echo $$").1.split(separator: "\n")
        #expect(group.count == 2 && group[0] == group[1])
        let files = shell("ls /proc/self/fd").1.split(separator: "\n")
        // Its three streams, and the folder that `ls` itself has opened.
        #expect(files == ["0", "1", "2", "3"])
        #expect(shell("trap 'echo piped' PIPE; kill -PIPE $$").1 == "piped\n", "what we ignore is not ignored there")
    }

    @Test("one that hangs is killed at the limit with all that it started", arguments: ["sleep 60", "sleep 60 & wait"])
    func hangs(script: String) {
        let (end, _, seconds) = shell(script, limit: 0.3)
        #expect(end == .timedOut)
        #expect(seconds > 0.29 && seconds < 2)
    }

    @Test("one that closes its output and stays is killed too")
    func staysSilent() {
        let (end, _, seconds) = shell("echo 1; exec >&-; sleep 60", limit: 0.3)
        #expect(end == .timedOut && seconds < 2)
    }

    @Test("what it leaves behind with its output open is killed at the limit")
    func leavesBehind() throws {
        let (end, text, seconds) = shell("sleep 60 & echo $!", limit: 0.3)
        #expect(end == .timedOut && seconds < 2)
        #expect(text != "")
        // Gone, or a zombie that nobody has reaped yet; a kill takes effect in its own time.
        let process = FileTree(root: "/proc/" + text.prefix { $0 != "\n" })
        let deadline = ContinuousClock.now + .seconds(5)
        while process.line("/stat")?.contains(") Z") == false, ContinuousClock.now < deadline { usleep(10_000) }
        #expect(process.line("/stat")?.contains(") Z") != false)
    }

    @Test("more output than is kept is dropped, and does not hold it up")
    func floods() {
        let (end, text, _) = shell("head -c 1000000 /dev/zero | tr '\\0' x", capacity: 100)
        #expect(end == .exited(0) && text == String(repeating: "x", count: 100))
    }

    @Test("no program is a failed start, not a status", arguments: ["/nowhere/program", "/etc/passwd", "/"])
    func noProgram(path: String) {
        var tool = Tool(path, [])
        guard case .failed = tool.run() else {
            Issue.record("it started")
            return
        }
    }

    @Test("asks for no memory, however often it runs, and leaves no descriptor open")
    func resources() throws {
        #expect(countsAllocations())
        var tool = Tool("/bin/true", [])
        _ = tool.run()
        let before = try openFiles()
        var good = 0
        let asked = allocations { for _ in 0..<20 where tool.run() == .exited(0) { good += 1 } }
        #expect(asked == 0 && good == 20)
        #expect(try openFiles() <= before + 2, "other tests open some in passing")
    }

    private func openFiles() throws -> Int {
        var count = 0
        for descriptor in 0..<1024 as Range<Int32> where fcntl(descriptor, F_GETFD) >= 0 { count += 1 }
        return count
    }

    @Test("programs are found along a path, folders and plain files are not")
    func find() throws {
        let tree = try TemporaryTree()
        try tree.write("/a/tool", "text")
        try tree.write("/b/tool/x", "")
        try tree.write("/c/tool", "#!/bin/sh\n")
        tree.mode("/c/tool", 0o755)
        let path = "\(tree.root)/a:\(tree.root)/b::\(tree.root)/c"
        #expect(Tool.find("tool", along: path) == tree.root + "/c/tool")
        #expect(Tool.find("tool", along: tree.root + "/a") == nil)
        #expect(Tool.find("tool", along: nil) == nil)
    }
}
