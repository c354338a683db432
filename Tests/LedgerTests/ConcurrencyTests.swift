import Foundation
import Metering
import Synchronization
import Testing

@testable import Ledger

/// Several meters and readers on one ledger.
@Suite struct ConcurrencyTests {
    @Test func metersThatStartTogetherMakeOneLedger() throws {
        for _ in 0..<5 {
            let scratch = try Scratch()
            defer { scratch.clean() }
            let path = scratch.path()
            let failures = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 6) { place in
                do {
                    let ledger = try LedgerFile(path: path, mode: .readWrite)
                    try ledger.begin(runStart("run-\(place)"), channels: [channels(1)])
                    try ledger.finish("run-\(place)", runEnd())
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
            #expect(failures.withLock { $0 } == [])
            #expect(try LedgerFile(path: path, mode: .readOnly).runs().count == 6)
        }
    }

    @Test func twoWritersAndAReaderGetOn() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let path = scratch.path()
        _ = try scratch.ledger()
        let failures = Mutex<[String]>([])
        let readings = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 3) { place in
            do {
                if place == 2 {
                    for _ in 0..<40 {
                        let reader = try LedgerFile(path: path, mode: .readOnly)
                        for run in try reader.runs() {
                            let trace = try reader.traces(run.start.id)[0]
                            guard trace == steady(channels(1), 0, trace.count) else {
                                failures.withLock { $0.append("a reader saw other samples") }
                                return
                            }
                            readings.withLock { $0 += 1 }
                        }
                    }
                    return
                }
                let ledger = try LedgerFile(path: path, mode: .readWrite)
                try ledger.begin(runStart("run-\(place)"), channels: [channels(1)])
                for piece in 0..<250 {
                    try ledger.append("run-\(place)", stream: 0, steady(channels(1), piece * 10, 10))
                }
                try ledger.finish("run-\(place)", runEnd())
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(readings.withLock { $0 } > 0)
        let ledger = try scratch.ledger()
        for place in 0..<2 { #expect(try ledger.traces("run-\(place)") == [steady(channels(1), 0, 2500)]) }
    }

    @Test func aRunIsRecoveredOnce() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let path = scratch.path()
        let ledger = try scratch.ledger()
        for place in 0..<10 {
            let birth = ProcessBirth(namespace: ProcessBirth.ownNamespace, ticks: 1)
            try ledger.begin(runStart("run-\(place)", birth: birth), channels: [channels(1)])
        }
        let failures = Mutex<[String]>([])
        let closed = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            do {
                let found = try LedgerFile(path: path, mode: .readWrite).recover(host: testHost)
                closed.withLock { $0 += found.count }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(closed.withLock { $0 } == 10)
    }
}
