import Foundation
import Ledger
import Metering
import Testing

@testable import Reporting

/// The recorded ledger that the sample reports are made from: invented runs, test data and never a measurement.
@Suite struct SampleLedgerTests {
    private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Reports/Samples/test-data.sqlite").standardizedFileURL.path

    @Test(.enabled(if: ProcessInfo.processInfo.environment["WATTBOOK_RECORD_LEDGER"] != nil))
    func record() throws {
        let scratch = NSTemporaryDirectory() + "\(UUID().uuidString).sqlite"
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        do {
            let ledger = try LedgerFile(path: scratch, mode: .readWrite)
            try ledger.add(Synthetic.experiment)
            for run in Synthetic.ledgerRuns() {
                let end = try #require(run.end)
                let traces = Synthetic.traces(run)
                try ledger.begin(run.start, channels: traces.map(\.channels))
                for (stream, trace) in traces.enumerated() { try ledger.append(run.start.id, stream: stream, trace) }
                try ledger.finish(run.start.id, end)
            }
        }
        let files = FileManager.default
        if files.fileExists(atPath: Self.path) { try files.removeItem(atPath: Self.path) }
        try files.copyItem(atPath: scratch, toPath: Self.path)
    }

    @Test func theLedgerHoldsTheInventedRuns() throws {
        let copy = NSTemporaryDirectory() + "\(UUID().uuidString).sqlite"
        try FileManager.default.copyItem(atPath: Self.path, toPath: copy)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        let ledger = try LedgerFile(path: copy, mode: .readOnly)
        let kept = try ledger.runs().map(\.start.id)
        #expect(kept.sorted() == Synthetic.ledgerRuns().map(\.start.id).sorted())
        // Who opens it by chance is not to take it for measurements.
        #expect(try ledger.runs().allSatisfy { $0.start.host.name == "test-data" })
        #expect(try ledger.experiments().map(\.name) == ["test-data-precision"])
    }
}
