import Foundation
import Metering
import Quantities
import Testing

@testable import Ledger

/// Which runs are closed for a meter that is gone, and with what.
@Suite struct RecoveryTests {
    private static let stranger = ProcessBirth(namespace: "pid:[1]", ticks: 1)

    private func host(_ name: String, _ boot: String) -> Metering.Host {
        var host = testHost
        (host.name, host.bootID) = (name, boot)
        return host
    }

    /// Whether a run with this writer is closed by a recovery on `h` at `boot-1`.
    private func isClosed(
        host: Metering.Host,
        pid: Int32 = getpid(),
        birth: ProcessBirth?,
        secondsAgo: Int64 = 0
    ) throws -> Bool {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        let ago = secondsAgo * 1_000_000
        var start = runStart(host: host, startedAt: wallNow() - ago, pid: pid, birth: birth)
        start.start = monotonicNow() - ago * 1000
        try ledger.begin(start, channels: [channels(1)])
        let closed = try ledger.recover(host: testHost)
        #expect(try ledger.recover(host: testHost).isEmpty, "a second recovery finds nothing")
        return closed.count == 1
    }

    @Test func aLivingMeterIsLeftAlone() throws {
        #expect(try !isClosed(host: testHost, birth: nil, secondsAgo: 5000))
    }

    @Test func aLaterProcessOfTheSameNumberIsNotTheMeter() throws {
        let birth = ProcessBirth(namespace: ProcessBirth.ownNamespace, ticks: 1)
        #expect(try isClosed(host: testHost, birth: birth))
    }

    @Test func aMeterOfAnEarlierBootIsGone() throws {
        #expect(try isClosed(host: host("h", "boot-0"), birth: nil))
    }

    /// What cannot be looked up is judged by its silence.
    @Test(arguments: [("h", "boot-1"), ("container", "boot-1"), ("elsewhere", "boot-9")])
    func aMeterElsewhereIsLeftWhileItSpeaks(name: String, boot: String) throws {
        #expect(try !isClosed(host: host(name, boot), birth: Self.stranger, secondsAgo: 60))
        #expect(try isClosed(host: host(name, boot), birth: Self.stranger, secondsAgo: 2000))
    }

    @Test func aKilledMeterThatNobodyReapedIsGone() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let parent = try Program.start(["sh", "-c", "sleep 30 & echo $!; kill -9 $!; exec sleep 3"], in: scratch)
        defer { parent.terminate() }
        var pid: Int32?
        for _ in 0..<200 where pid == nil {
            Thread.sleep(forTimeInterval: 0.01)
            pid = Int32(try String(contentsOfFile: scratch.path("out"), encoding: .utf8).dropLast())
        }
        Thread.sleep(forTimeInterval: 0.1)
        let zombie = try #require(pid)
        #expect(ProcessBirth(of: zombie) == nil)
        #expect(ProcessBirth(of: parent.processIdentifier) != nil)
    }

    @Test func aClosedRunHasWhatWasStored() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        let marks = scratch.path("wattbook-run-1.marks")
        try "100000000 1.1 begin work\n200000000 1.1 metric iou=0.5\n300000000 1.1 count images=7\n"
            .write(toFile: marks, atomically: true, encoding: .utf8)
        var start = runStart(host: host("h", "boot-0"))
        start.marksPath = marks
        try ledger.begin(start, channels: [channels(2)])
        for piece in 0..<3 { try ledger.append("run-1", stream: 0, steady(channels(2), piece * 10, 10)) }

        let closed = try #require(try ledger.recover(host: testHost).first)
        let end = try #require(closed.end)
        #expect(closed.state == .interrupted)
        #expect(end.exitStatus == nil)
        #expect(end.end == 2_900_000_000)
        #expect(end.metrics == ["iou": 0.5] && end.counts == ["images": 7])
        #expect(abs((end.account.total.joules?.value ?? 0) - 0.087) < 1e-6, "29 steps of 1 and 2 mJ")
        #expect(end.account.regions.first?.path == "work")
        #expect(end.warnings.contains { $0.contains("killed") })
        #expect(try ledger.traces("run-1") == [steady(channels(2), 0, 30)])
        #expect(try ledger.number("SELECT count(*) FROM chunk") == 1, "gathered as any other run's")
        #expect(!FileManager.default.fileExists(atPath: marks))
    }

    @Test func noOtherFileIsRemoved() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        let precious = scratch.path("thesis.tex")
        try "text".write(toFile: precious, atomically: true, encoding: .utf8)
        var start = runStart(host: host("h", "boot-0"))
        start.marksPath = precious
        try ledger.begin(start, channels: [])
        #expect(try ledger.recover(host: testHost).count == 1)
        #expect(FileManager.default.fileExists(atPath: precious))
    }

    @Test func whatCannotBeReadIsLeft() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        try ledger.execute("INSERT INTO run VALUES ('strange', 'n', 'measurement', NULL, 0, 0, '{}')")
        try ledger.begin(runStart(host: host("h", "boot-0")), channels: [])
        #expect(try ledger.recover(host: testHost).map(\.start.id) == ["run-1"])
    }
}
