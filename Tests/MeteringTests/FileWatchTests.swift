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
        let path = tree.root + "/marks"
        do {
            let watch = try FileWatch(path: path) { calls.add() }
            try tree.write("/other", "nothing to do with it")
            // It begins a moment after its start.
            let deadline = monotonicNow() + 10_000_000_000
            while calls.count < 3, monotonicNow() < deadline {
                try tree.write("/marks", "line\n")
                pause(5_000_000)
            }
            #expect(calls.count >= 3)
            watch.stop()
        }
        let told = calls.count
        try tree.write("/marks", "too late")
        pause(20_000_000)
        #expect(calls.count == told)
    }

    @Test("one that ends at once, or whose file is not there, tells nothing")
    func nothing() throws {
        let calls = Calls()
        let start = monotonicNow()
        for _ in 0..<20 { try FileWatch(path: "/proc/self/stat") { calls.add() }.stop() }
        #expect(monotonicNow() - start < 5_000_000_000)
        try FileWatch(path: "/nowhere/marks") { calls.add() }.stop()
        pause(40_000_000)
        #expect(calls.count == 0)
    }

    private final class Calls: Sendable {
        private let number = Mutex(0)
        var count: Int { number.withLock { $0 } }
        func add() { number.withLock { $0 += 1 } }
    }
}
