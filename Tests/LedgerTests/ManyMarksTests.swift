import Foundation
import Metering
import Testing

@testable import Ledger

/// A program may mark as often as it likes: its run is kept, and no other one suffers.
@Suite struct ManyMarksTests {
    private func marks(_ count: Int, note: String) -> Marks {
        Marks(
            marks: (0..<count).map { Mark(time: Int64($0), pid: 1, tid: 1, event: .info(["note": note])) }
        )
    }

    @Test func thoseBeyondTheLimitAreLeftOutAndCounted() {
        var end = runEnd()
        end.marks = marks(100_000, note: String(repeating: "x", count: 920))
        end.shortenMarks()
        #expect((60_000..<70_000).contains(end.marks.marks.count))
        #expect(end.warnings.count == 1 && end.warnings[0].contains("made 100000 marks"))
        let once = end
        end.shortenMarks()
        #expect(end == once)
        var usual = runEnd()
        usual.marks = marks(100_000, note: "usual")
        usual.shortenMarks()
        #expect(usual.marks.marks.count == 100_000 && usual.warnings.isEmpty)
    }

    @Test(arguments: [0, 1, 4095, 4096, 4097, 9000])
    func writtenInPiecesTheyAreTheSameText(count: Int) throws {
        let marks = marks(count, note: "a \"b\"").marks
        #expect(try json(pieces: marks) == json(marks))
    }

    @Test func theyComeBack() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        var end = runEnd()
        end.marks = marks(10_000, note: "kept")
        try ledger.begin(runStart(), channels: [channels(1)])
        try ledger.finish("run-1", end)
        #expect(try ledger.record("run-1").end?.marks == end.marks)
    }

    @Test func aRunThatNoRowTakesIsRefusedAndHoldsUpNoOther() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        try ledger.begin(runStart(), channels: [channels(1)])
        var end = runEnd()
        end.info = ["note": String(repeating: "x", count: 500_000_001)]
        #expect { try ledger.finish("run-1", end) } throws: { ($0 as? LedgerError)?.code == .tooLarge }
        try ledger.begin(runStart("run-2"), channels: [channels(1)])
        try ledger.finish("run-2", runEnd())
        #expect(try ledger.record("run-2").end != nil && ledger.record("run-1").end == nil)
    }

    @Test func whoMovesItIsTold() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        try ledger.checkPlace()
        try FileManager.default.moveItem(atPath: ledger.path, toPath: ledger.path + ".moved")
        #expect { try ledger.checkPlace() } throws: { ($0 as? LedgerError)?.problem.contains("moved") == true }
    }
}
