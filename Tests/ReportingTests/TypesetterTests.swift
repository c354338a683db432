import Foundation
import Testing

@testable import Reporting

@Suite struct TypesetterTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pdf-\(UUID().uuidString)")

    @Test func withoutWeasyPrintTheOtherFormsAreWritten() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let absent = Typesetter(environment: ["PATH": "/nonexistent"])
        #expect(absent.command == nil)
        let error = try #require(throws: TypesettingError.self) {
            try write(Synthetic.report(), formats: [.pdf, .md, .boamps], to: folder.path, typesetter: absent)
        }
        #expect(error == .missing && error.exitCode == 69 && error.description.contains("pip install weasyprint"))
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(files == ["boamps.json", "report.md"])
    }

    @Test func aProgramThatFailsIsNamed() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let broken = Typesetter(environment: ["WATTBOOK_WEASYPRINT": "/bin/false"])
        let error = try #require(throws: TypesettingError.self) {
            try write(Synthetic.report(), formats: [.pdf], to: folder.path, typesetter: broken)
        }
        #expect(error.description.hasPrefix("/bin/false made no PDF: it ended with status 1"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func theEnvironmentNamesTheProgram() {
        let named = Typesetter(environment: ["WATTBOOK_WEASYPRINT": "python3 -m weasyprint", "PATH": "/nonexistent"])
        #expect(named.command == ["python3", "-m", "weasyprint"])
    }

    @Test(.enabled(if: Typesetter().command != nil, "WeasyPrint is missing: apt install weasyprint"))
    func aPDFIsTheSameEveryTime() throws {
        let page = try HTMLRenderer(medium: .paper).render(Synthetic.report())
        let files = try (0..<2).map { _ in try Typesetter().pdf(of: Array(page.utf8), date: 1_700_000_000) }
        #expect(files[0].starts(with: Array("%PDF".utf8)))
        #expect(files[0].count > 10_000 && files[0] == files[1])
    }

    @Test func paperNeedsNoCustomProperties() throws {
        let page = try HTMLRenderer(medium: .paper).render(Synthetic.report())
        #expect(!page.contains("var(--") && !page.contains("currentColor") && !page.contains("display:grid"))
        #expect(page.contains("counter(page)"))
    }
}
