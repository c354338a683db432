import Metering
import ProbeTestKit
import Synchronization
import Testing

@Suite("Watching a file")
struct FileWatchTests {
    @Test("what is written is told until the watch ends")
    func writes() throws {
        let tree = try TemporaryTree()
        try tree.write("/marks", "")
        let calls = Calls()
        let watch = try #require(FileWatch(path: tree.root + "/marks") { calls.add() })
        try tree.write("/other", "nothing to do with it")
        for count in 1...3 {
            try tree.write("/marks", "line \(count)\n")
            let deadline = monotonicNow() + 10_000_000_000
            while calls.count < count, monotonicNow() < deadline { pause(1_000_000) }
            #expect(calls.count >= count)
        }
        watch.stop()
        let told = calls.count
        try tree.write("/marks", "too late")
        pause(20_000_000)
        #expect(calls.count == told)
    }

    @Test("a file that is not there cannot be watched")
    func missing() {
        #expect(FileWatch(path: "/nowhere/marks") {} == nil)
    }

    private final class Calls: Sendable {
        private let number = Mutex(0)
        var count: Int { number.withLock { $0 } }
        func add() { number.withLock { $0 += 1 } }
    }
}
