import Foundation
import Testing

@testable import Reporting

/// The folder of the committed reports; they are the gallery and the golden files in one.
private let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Reports/Samples/test-data").standardizedFileURL

@Suite struct SnapshotTests {
    @Test(arguments: ReportFormat.allCases)
    func reportIsTheCommittedOne(format: ReportFormat) throws {
        let text = try format.renderer.render(Synthetic.report())
        let file = samples.appendingPathComponent(format.fileName)
        if ProcessInfo.processInfo.environment["WATTBOOK_RECORD_SNAPSHOTS"] != nil {
            try FileManager.default.createDirectory(at: samples, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let golden = try String(contentsOf: file, encoding: .utf8)
        #expect(text == golden, "\(format.fileName) differs; after an intended change run Scripts/record-snapshots")
    }
}
