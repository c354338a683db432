import Foundation
import Metering
import Testing

@testable import Ledger

/// Ledgers of several jobs made one.
@Suite struct MergeTests {
    private func fill(_ ledger: LedgerFile, _ ids: String...) throws {
        for id in ids {
            try ledger.begin(runStart(id, name: "name of \(id)"), channels: [channels(2)])
            var trace = Trace(channels: channels(2))
            trace.before = [1_000_000, 2_000_000, 3_000_000]
            trace.after = trace.before
            trace.columns = [[1, 2, 3], [7, .max, 9]]
            try ledger.append(id, stream: 0, trace)
            try ledger.finish(id, runEnd())
        }
    }

    @Test func everythingOfARunComesAlongOnceInAnyOrder() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let (a, b) = (try scratch.ledger("a.sqlite"), try scratch.ledger("b.sqlite"))
        try fill(a, "r1", "r2")
        try fill(b, "r2", "r3")
        try b.begin(runStart("r4"), channels: [channels(1)])
        var merged: [[RunRecord]] = []
        for order in [[a, b], [b, a], [a, b, a, b]] {
            let whole = try scratch.ledger("whole-\(merged.count).sqlite")
            for other in order { _ = try whole.merge(other) }
            merged.append(try whole.runs().map { try whole.record($0.start.id) }.sorted { $0.start.id < $1.start.id })
            #expect(merged.last?.map(\.start.id) == ["r1", "r2", "r3"])
            for id in ["r1", "r2"] { #expect(try whole.traces(id) == a.traces(id)) }
            #expect(try whole.record("r3") == b.record("r3"))
        }
        #expect(merged[0] == merged[1])
        #expect(merged[0] == merged[2])
    }

    @Test func saysWhatWasAddedKnownAndOpen() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let (a, b) = (try scratch.ledger("a.sqlite"), try scratch.ledger("b.sqlite"))
        try fill(a, "r1")
        try fill(b, "r1", "r2")
        try b.begin(runStart("r3"), channels: [channels(1)])
        #expect(try a.merge(b) == LedgerFile.Merge(added: 1, known: 1, open: 1))
        #expect(try a.merge(b) == LedgerFile.Merge(added: 0, known: 2, open: 1))
    }

    @Test func aLedgerOfTheFirstSchemaIsTakenIn() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let old = try LedgerFile(path: Scratch.fixtures + "schema-1.ledger", mode: .readOnly)
        let whole = try scratch.ledger()
        let merge = try whole.merge(old)
        #expect(merge.added > 0)
        for run in try whole.runs() { #expect(try whole.record(run.start.id) == old.record(run.start.id)) }
        #expect(try whole.experiments() == old.experiments())
    }

    @Test func jobsSideBySideOnANetworkDiskWriteLedgersOfTheirOwn() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let path = scratch.path("shared.sqlite")
        do {
            let first = try LedgerFile.openForAppending(path, host: "node1", pid: 1, isNetwork: true)
            try fill(first, "r1")
            let second = try LedgerFile.openForAppending(path, host: "node2", pid: 2, isNetwork: true)
            #expect(first.path == path)
            #expect(second.path == scratch.path("shared-node2-2.sqlite"))
            try fill(second, "r2")
        }
        let whole = try LedgerFile(path: path, mode: .readWrite)
        _ = try whole.merge(LedgerFile(path: scratch.path("shared-node2-2.sqlite"), mode: .readOnly))
        #expect(Set(try whole.runs().map(\.start.id)) == ["r1", "r2"])
    }
}
