import Foundation
import Sites
import Testing

@testable import Allocation

@Suite("The pages of a request")
struct PageTests {
    private func application(_ measured: Measured, title: String = "Glottis & 50 % <of> a_b #1") throws -> Application {
        try measured.addExperiment()
        let text = """
            title: "\(title)"
            site: archer2
            campaign:
              - {name: training, evidence: "unet:precision=bf16,steps=40", instead_of: "unet:precision=fp32,steps=40", repeats: 50}
              - {name: "sweep | wide", evidence: "unet:precision=bf16", extrapolate: {factor: steps, to: 80}, repeats: 4}
            contingency: 0.1
            scaling: [{name: s, unit: images, points: {1: "unet:precision=fp32,steps=10", 2: "unet:precision=bf16,steps=10"}}]
            storage: [{name: data, amount: 2 TB}]
            texts: {project: We segment the glottis.}
            """
        return try Application(
            Request(text: text, path: "r.yaml"),
            site: SiteCatalogue(folders: []).find("archer2").site,
            ledger: measured.ledger
        )
    }

    @Test(
        "every template is filled, has the parts that matter, and shows what is left to write",
        arguments: Template.Name.allCases
    )
    func templates(name: Template.Name) throws {
        let measured = try Measured()
        defer { measured.clean() }
        let application = try application(measured)
        let page = Template(name).filled(with: application)
        let text = page.markdown
        #expect(!text.contains("{") && !text.contains("There is no part"), "a place without a value")
        for words in ["E1", "kWh", "training", "Contingency, 10.0 %", "extrapolated", "iou is kept", "r-bf16-40-0"] {
            #expect(text.contains(words), "\(name): \(words)")
        }
        if name != .plain { #expect(text.contains("To be written")) }
        if [.nhr, .gcs, .eurohpc].contains(name) { #expect(text.contains("We segment the glottis.")) }
        let columns = page.blocks.compactMap { block in
            if case .table(let table) = block { table } else { nil }
        }
        #expect(columns.allSatisfy { table in table.rows.allSatisfy { $0.count == table.columns.count } })
        #expect(page.markdown == Template(name).filled(with: application).markdown, "the same bytes every time")
    }

    @Test("what Markdown, LaTeX and HTML would read as their own is escaped")
    func escapes() throws {
        let measured = try Measured()
        defer { measured.clean() }
        let page = Template(.plain).filled(with: try application(measured))
        #expect(page.markdown.hasPrefix("# Glottis &amp; 50 % &lt;of&gt; a\\_b \\#1\n"))
        #expect(page.markdown.contains("sweep \\| wide"))
        #expect(page.latex.contains("\\title{Glottis \\& 50 \\% \\(<\\)of\\(>\\) a\\_b \\#1}"))
        #expect(page.html.contains("<h1>Glottis &amp; 50 % &lt;of&gt; a_b #1</h1>"))
        #expect(!page.latex.unicodeScalars.contains { $0.value > 0x17F }, "no letter without a font")
    }

    @Test("the JSON document keeps its schema", arguments: Template.Name.allCases)
    func schema(name: Template.Name) throws {
        let measured = try Measured()
        defer { measured.clean() }
        let text = try application(measured).json(template: name)
        let document = try JSONSerialization.jsonObject(with: Data(text.utf8))
        #expect(try Schema("allocation.json").faults(of: document) == [])
        let bad = text.replacingOccurrences(of: "\"node_h\"", with: "\"nodes_h\"")
        #expect(try !Schema("allocation.json").faults(of: JSONSerialization.jsonObject(with: Data(bad.utf8))).isEmpty)
    }

    @Test(
        "LaTeX compiles",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/pdflatex")),
        arguments: [Template.Name.nhr, .nsfDOE]
    )
    func compiles(name: Template.Name) throws {
        let measured = try Measured()
        defer { measured.clean() }
        let folder = FileManager.default.temporaryDirectory.appending(path: "tex-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let text = Template(name).filled(with: try application(measured)).latex
        try text.write(to: folder.appending(path: "r.tex"), atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/pdflatex")
        process.arguments = ["-interaction=batchmode", "-halt-on-error", "-no-shell-escape", "r.tex"]
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(FileManager.default.fileExists(atPath: folder.appending(path: "r.pdf").path))
    }

    @Test("numbers for people")
    func numbers() {
        #expect(Amount(1234567).text == "1\u{A0}235\u{A0}000")
        #expect(
            Amount(12.345, random: 0.4).withInterval == "12.35 (11.95 to 12.75)"
                || Amount(12.345, random: 0.4).withInterval == "12.34 (11.94 to 12.74)"
        )
        #expect(Amount(5, random: 20).withInterval == "5 (0 to 25)", "nothing takes less than nothing")
        #expect(Amount(5, random: 20, isSigned: true).withInterval == "5 (-15 to 25)")
        #expect(Amount(3, random: nil).withInterval == "3.000")
        #expect(number(10) == "10" && number(0.25) == "0.25" && number(2.5) == "2.5")
        #expect(bytes(2.5e12) == "2.50 TB")
    }
}
