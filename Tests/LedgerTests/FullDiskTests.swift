import Foundation
import GRDB
import Metering
import ProbeTestKit
import Testing

@testable import Ledger

/// A disk without room takes nothing more and loses nothing.
@Suite struct FullDiskTests {
    @Test func whatWasStoredStaysAndTheRestFollows() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        try ledger.begin(runStart(), channels: [channels(1)])
        try ledger.append("run-1", stream: 0, steady(channels(1), 0, 10))
        let pages = try ledger.number("PRAGMA page_count")
        try ledger.database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }

        var stored = 10
        var refusal: LedgerError?
        var random = SeededGenerator(seed: 1)
        var kept = steady(channels(1), 0, 10)
        while refusal == nil, stored < 100_000 {
            var more = steady(channels(1), stored, 200)
            more.columns[0] = more.columns[0].map { _ in random.next() }
            refusal = ledgerError { try ledger.append("run-1", stream: 0, more) }
            if refusal == nil {
                kept.append(more)
                stored += 200
            }
        }
        #expect(refusal?.code == .inputOutput)
        #expect(refusal?.problem.contains(scratch.path()) == true)
        #expect(refusal?.description.contains("full") == true)
        #expect(try ledger.traces("run-1") == [kept])

        try ledger.database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        let rest = steady(channels(1), stored, 5000)
        try ledger.append("run-1", stream: 0, rest)
        kept.append(rest)
        #expect(try ledger.traces("run-1") == [kept])
    }

    /// The disk fills while a command is measured: the run goes to another folder, whole.
    @Test(.enabled(if: Program.mayMount))
    func aRunOnADiskThatFillsUpIsKept() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let script = """
            mkdir small rescue && mount -t tmpfs -o size=512k none small && export TMPDIR="$PWD/rescue"
            "$WATTBOOK_PROGRAM" run --quiet --ledger small/l.sqlite -- true || exit 1
            "$WATTBOOK_PROGRAM" run --interval 1ms --name filled --ledger small/l.sqlite -- \
                sh -c 'sleep 0.7; head -c 1M /dev/zero >small/filler 2>&-; sleep 1.6'
            echo "status $?"
            "$WATTBOOK_PROGRAM" show last --json --ledger rescue/*.sqlite || exit 2
            "$WATTBOOK_PROGRAM" run --quiet --ledger small/l.sqlite -- true
            echo "status $?"
            rm small/filler
            "$WATTBOOK_PROGRAM" list --ledger small/l.sqlite || exit 3
            "$WATTBOOK_PROGRAM" run --quiet --ledger small/l.sqlite -- true || exit 4
            """
        let outcome = try Program.runMounting(script, in: scratch)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.errors.contains("small/l.sqlite"), "\(outcome.errors)")
        #expect(outcome.output.components(separatedBy: "status 74").count == 3, "\(outcome.output)\(outcome.errors)")
        let samples = outcome.output.components(separatedBy: "\"samples\": ").dropFirst().first.flatMap {
            Int($0.prefix { $0.isNumber })
        }
        #expect((samples ?? 0) > 1000, "2.3 s at 1 kHz, on a machine that may be busy")
    }
}
