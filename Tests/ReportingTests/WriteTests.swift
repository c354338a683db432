import Foundation
import Testing

@testable import Reporting

@Suite struct WriteTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("report-\(UUID().uuidString)")

    @Test func filesAppearWhole() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let target = folder.appendingPathComponent("new/deep").path
        let files = try write(Synthetic.report(), formats: [.json, .html], to: target)
        #expect(files == ["\(target)/report.html", "\(target)/report.json"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: target).sorted() == ["report.html", "report.json"])
        // Again, over the old ones.
        #expect(try write(Synthetic.report(), formats: [.json, .html], to: target) == files)
    }

    @Test func folderThatIsAFileIsNamed() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("file")
        try Data().write(to: file)
        for path in [file.path, file.path + "/below"] {
            let error = try #require(throws: ReportError.self) {
                try write(Synthetic.report(), formats: [.csv], to: path)
            }
            #expect(error.description.contains(path))
            #expect(error.exitCode == 73)
        }
    }

    @Test func numbersNeverFollowTheLocale() throws {
        let before = try ReportFormat.allCases.map { try $0.renderer.render(Synthetic.report()) }
        // A comma is the decimal sign there; where the locale is not installed the call changes nothing.
        let old = unsafe setlocale(LC_ALL, nil).map { unsafe String(cString: $0) }
        unsafe setlocale(LC_ALL, "de_DE.UTF-8")
        defer { unsafe setlocale(LC_ALL, old ?? "C") }
        #expect(try ReportFormat.allCases.map { try $0.renderer.render(Synthetic.report()) } == before)
    }
}
