import Foundation
import GRDB
import Metering
import Testing

@testable import Ledger

/// Parts of jobs, the runs that are made of them, and what is left of a ledger that was cut off.
@Suite struct JobRunTests {
    private func part(_ id: String, into ledger: LedgerFile, _ end: RunEnd? = runEnd(), ticks: Int = 100) throws {
        var start = runStart(id)
        start.role = .part
        try ledger.begin(start, channels: [channels(1)])
        try ledger.append(id, stream: 0, steady(channels(1), 0, ticks))
        if let end { try ledger.finish(id, end) }
    }

    private func jobRun(_ id: String) -> RunRecord {
        RunRecord(start: runStart(id), end: runEnd())
    }

    @Test func theMostCompleteRunOfAJobStandsForIt() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let (a, b) = (try scratch.ledger("a.sqlite"), try scratch.ledger("b.sqlite"))
        for ledger in [a, b] { try part("p", into: ledger) }
        try a.add(job: "slurm//7", jobRun("j1"), parts: 1)
        try b.add(job: "slurm//7", jobRun("j2"), parts: 2)
        try b.add(job: "slurm//7", jobRun("j2"), parts: 2)
        try b.add(job: "slurm//8", jobRun("k1"), parts: 1)
        _ = try a.merge(b)
        #expect(Set(try a.runs().map(\.start.id)) == ["p", "j2", "k1"])
        #expect(Set(try a.jobRuns().map(\.start.id)) == ["j2", "k1"])
        #expect(try a.jobRun(of: "slurm//7")?.id == "j2")
        // By its id the other is still there.
        #expect(try a.record("j1").state == .finished)
        #expect(try a.partStarts().map(\.id) == ["p"])
    }

    @Test func aCopyIsWholeWhileOthersWrite() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        try part("p1", into: ledger)
        try part("p2", into: ledger, nil)
        try ledger.copy(to: scratch.path("copy.sqlite"))
        let copy = try LedgerFile(path: scratch.path("copy.sqlite"), mode: .readWrite)
        try copy.closeOpenRuns()
        #expect(try copy.record("p2").state == .interrupted)
        #expect(try copy.record("p1") == ledger.record("p1"))
        #expect(try copy.traces("p2") == ledger.traces("p2"))
        #expect(try ledger.record("p2").state == .running)
    }

    @Test func aPartThatWasCutGivesWayToTheWholeOne() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let (early, late) = (try scratch.ledger("early.sqlite"), try scratch.ledger("late.sqlite"))
        try part("p", into: early, runEnd(.interrupted), ticks: 10)
        try part("p", into: late)
        for order in [[early, late], [late, early], [early, late, early, late]] {
            let whole = try scratch.ledger("\(UUID()).sqlite")
            for other in order { _ = try whole.merge(other) }
            let parts = try whole.runs().filter { $0.start.role == .part }
            let origins = Set(parts.map { $0.start.tags["rescued"] ?? $0.start.id })
            #expect(origins == ["p"] && parts.contains { $0.state == .finished })
        }
    }

    @Test func openRunsAreTakenInOnceAsInterrupted() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let (lost, whole) = (try scratch.ledger("lost.sqlite"), try scratch.ledger("whole.sqlite"))
        try part("p", into: lost, nil)
        #expect(try whole.addRemains(of: "p", from: lost))
        #expect(try !whole.addRemains(of: "p", from: lost))
        let run = try #require(try whole.runs().first)
        #expect(run.state == .interrupted && run.start.tags["rescued"] == "p" && run.start.id != "p")
        #expect(try whole.traces(run.start.id) == lost.traces("p"))
    }

    @Test func whatIsLeftOfATruncatedLedgerIsRead() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        var random = SystemRandomNumberGenerator()
        for number in 0..<20 {
            var start = runStart("p\(number)")
            start.role = .part
            try ledger.begin(start, channels: [channels(2)])
            var trace = steady(channels(2), 0, 2000)
            trace.columns[0] = trace.columns[0].map { _ in random.next() }
            try ledger.append(start.id, stream: 0, trace)
            try ledger.finish(start.id, runEnd())
        }
        try ledger.copy(to: scratch.path("copy.sqlite"))
        let bytes = try #require(FileManager.default.contents(atPath: scratch.path("copy.sqlite")))
        var found: [Int] = []
        for share in [0.95, 0.6, 0.3] {
            let path = scratch.path("cut-\(share).sqlite")
            try bytes.prefix(Int(Double(bytes.count) * share)).write(to: URL(fileURLWithPath: path))
            let target = scratch.path("salvaged-\(share).sqlite")
            let salvaged = try LedgerFile.salvage(path, to: target)
            let runs = try salvaged?.runs() ?? []
            found.append(runs.count)
            // What could be read is what was written.
            for run in runs where run.end != nil { #expect(try ledger.record(run.start.id).start == run.start) }
        }
        #expect(found[0] > 0 && found == found.sorted(by: >), "\(found)")
        try Data("no ledger".utf8).write(to: URL(fileURLWithPath: scratch.path("text")))
        #expect(try LedgerFile.salvage(scratch.path("text"), to: scratch.path("none.sqlite")) == nil)
    }

    @Test func idsFollowFromTheirWords() {
        #expect(
            derivedID(at: 1_700_000_000_000_000, from: ["a", "b"])
                == derivedID(at: 1_700_000_000_000_000, from: ["a", "b"])
        )
        #expect(derivedID(at: 0, from: ["ab"]) != derivedID(at: 0, from: ["a", "b"]))
        #expect(derivedID(at: 0, from: ["a"]).count == 18)
    }
}
