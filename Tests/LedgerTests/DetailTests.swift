import Metering
import Quantities
import Testing

@testable import Ledger

/// Marks and detail lie beside a run's figures and are read when they are wanted.
@Suite struct DetailTests {
    private func stored(_ scratch: Scratch) throws -> LedgerFile {
        let ledger = try scratch.ledger()
        try ledger.add(FullRecords.experiment)
        try ledger.begin(FullRecords.start, channels: [channels(2)])
        try ledger.finish(FullRecords.start.id, FullRecords.end)
        return ledger
    }

    @Test func figuresComeWithoutDetail() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try stored(scratch)
        let id = FullRecords.experiment.id
        let whole = try #require(ledger.runs(ofExperiment: id).first?.end)
        #expect(whole == FullRecords.end)
        let bare = try #require(ledger.runs(ofExperiment: id, parts: []).first?.end)
        #expect(bare.marks.marks.isEmpty && bare.account.regions.isEmpty && bare.account.metrics == nil)
        #expect(bare.account.total == whole.account.total)
        #expect(bare.account.channels.map(\.joules) == whole.account.channels.map(\.joules))
        let detailed = try #require(ledger.runs(ofExperiment: id, parts: .detail).first?.end)
        #expect(detailed.account == whole.account && detailed.marks.marks.isEmpty)
    }

    @Test func detailGoesWithAMerge() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let other = try scratch.ledger("other.sqlite")
        #expect(try other.merge(try stored(scratch)).added == 1)
        #expect(try other.record(FullRecords.start.id).end == FullRecords.end)
    }

    @Test func coursesOfEarlierRunsAreMadeAgain() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        let trace = steady(channels(1), 0, 50)
        let marks = Marks(marks: [Mark(time: 2_000_000_000, pid: 1, tid: 1, event: .metric(["iou": 0.7]))])
        var end = runEnd()
        end.end = 4_000_000_000
        end.marks = marks
        end.metrics = marks.metrics
        let whole = account(traces: [trace], start: 0, end: end.end, marks: marks)
        end.account = whole
        end.account.metrics = nil
        try ledger.begin(runStart(), channels: [channels(1)])
        try ledger.append("run-1", stream: 0, trace)
        try ledger.finish("run-1", end)
        let run = try ledger.withCourses(try ledger.record("run-1"))
        #expect(run.end?.account == whole)
        #expect(run.end?.account.metrics?.first?.joules.first == .some(.some(0.02)))
    }
}
