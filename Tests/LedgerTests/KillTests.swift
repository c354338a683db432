import Foundation
import Metering
import Testing

@testable import Ledger

/// A meter killed at any moment keeps all but the last second.
@Suite struct KillTests {
    @Test func noMomentCostsMoreThanASecond() throws {
        // Several at once, killed at moments that differ from call to call.
        let scratches = try (0..<5).map { _ in try Scratch() }
        defer { for scratch in scratches { scratch.clean() } }
        let meters = try scratches.map { scratch in
            (
                scratch, started: monotonicNow(),
                process: try Program.start(
                    [Program.path, "run", "--interval", "10ms", "--ledger", scratch.path(), "--", "sleep", "6"],
                    in: scratch
                )
            )
        }
        var kills: [(scratch: Scratch, started: Int64, at: Int64)] = []
        for (scratch, started, process) in meters {
            Thread.sleep(forTimeInterval: Double.random(in: 0.3..<1.2))
            let at = monotonicNow()
            kill(process.processIdentifier, SIGKILL)
            kills.append((scratch, started, at))
        }
        // The killed are reaped by their parent, which Foundation does on a thread of its own.
        Thread.sleep(forTimeInterval: 0.2)
        for (scratch, started, at) in kills {
            let lived = Double(at - started) * 1e-9
            guard FileSystem.exists(scratch.path()) else {
                #expect(lived < 1.5, "a meter of \(lived) s left nothing")
                continue
            }
            let closed = try scratch.ledger().recover(host: Metering.Host.read())
            guard let run = closed.first else {
                #expect(lived < 1.5, "a meter of \(lived) s left no run")
                continue
            }
            #expect(run.state == .interrupted)
            let trace = try #require(try scratch.ledger().traces(run.start.id).first)
            let lost = Double(at - (trace.before.last ?? 0)) * 1e-9
            #expect(lost <= 1, "killed after \(lived) s, \(lost) s are missing")
            #expect(trace.before == trace.before.sorted())
            #expect(run.end?.end == max(run.start.start, trace.before.last ?? 0))
        }
    }

    @Test func aRecoveryLeavesTheMetersThatLive() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let meter = [Program.path, "run", "--quiet", "--ledger", scratch.path(), "--name"]
        let living = try Program.start(meter + ["living", "--", "sleep", "3.5"], in: scratch)
        let doomed = try Program.start(meter + ["doomed", "--", "sleep", "2"], in: scratch)
        Thread.sleep(forTimeInterval: 1.5)
        kill(doomed.processIdentifier, SIGKILL)
        Thread.sleep(forTimeInterval: 0.2)
        // The next start closes what the killed one left, while the other still runs.
        let next = try Program.run(meter + ["next", "--", "true"], in: scratch)
        #expect(next.status == 0, "\(next.errors)")
        let states = try LedgerFile(path: scratch.path(), mode: .readOnly).runs().map { ($0.start.name, $0.state) }
        #expect(Dictionary(states) { $1 } == ["living": .running, "doomed": .interrupted, "next": .finished])
        living.waitUntilExit()
        #expect(living.terminationStatus == 0)
        let runs = try LedgerFile(path: scratch.path(), mode: .readOnly).runs()
        #expect(runs.first { $0.start.name == "living" }?.state == .finished)
    }
}
