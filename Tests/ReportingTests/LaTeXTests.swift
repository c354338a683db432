import Charts
import Foundation
import Testing

@testable import Reporting

/// The program along the path; `nil` where it is not installed.
func installed(_ name: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
}

@Suite struct LaTeXTests {
    @Test(arguments: [
        ("50 % & more_of #1", "50 \\% \\& more\\_of \\#1"), ("a\\b{c}", "a\\textbackslash{}b\\{c\\}"),
        ("617 ± 38 µJ", "617 \\(\\pm\\) 38 \\(\\mu\\)J"), ("--zone", "-{}-zone"),
        ("$x^2~y", "\\$x\\textasciicircum{}2\\textasciitilde{}y"),
        ("[b]*", "{[}b{]}{*}"), ("Zürich", "Zürich"), ("水", "\\wattbookchar{U+6C34}{水}"), ("a\u{1}\nb", "a b"),
    ])
    func textStaysText(text: String, expected: String) {
        #expect(latex(text) == expected)
    }

    @Test(arguments: [
        ("617 ± 38", "\\num{617 \\pm 38}"), ("-0.5", "\\num{-0.5}"), ("39.1 %", "\\num{39.1}\\,\\%"), ("1.70 ×", nil),
        ("–", nil), ("12.", nil), ("1.2.3", nil), ("fp32", nil),
    ])
    func numbersAreForSiunitx(text: String, expected: String?) {
        #expect(latexNumber(text) == expected)
    }

    @Test func unitsAreForSiunitx() {
        #expect(latexUnit("kJ") == "\\si{\\kilo\\joule}" && latexUnit("s") == "\\si{\\second}")
        #expect(latexUnit("images/s") == "images/s" && latexUnit("m") == "m")
    }

    @Test func everyChartIsDrawnByPGFPlots() throws {
        let text = try LaTeXRenderer().render(Synthetic.report())
        #expect(text.matches(of: /\\begin\{axis\}/).count == 7)
        #expect(!text.contains("Figure in report"))
        // The same data as the page's, and no more than a column of a paper can show.
        let coordinates = text.matches(of: /coordinates \{([^}]*)\}/).map { $0.1.split(separator: " ").count }
        #expect(coordinates.max() ?? 0 > 100 && coordinates.max() ?? 0 <= 300)
    }

    @Test(
        .enabled(if: installed("pdflatex") != nil, "pdfLaTeX is missing: apt install texlive-science texlive-pictures")
    )
    func sectionsCompileWithPlainTeX() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tex-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var reports = Synthetic.edgeCases.mapValues { $0() as any Reportable }
        reports["study"] = Synthetic.report()
        reports["account"] = Synthetic.account()
        var lines = [
            "\\documentclass[a4paper]{article}", "\\usepackage[T1]{fontenc}", "\\usepackage[utf8]{inputenc}",
            "\\usepackage{array,booktabs,siunitx,pgfplots}", "\\pgfplotsset{compat=1.16}", "\\begin{document}",
        ]
        for (name, report) in reports.sorted(by: { $0.key < $1.key }) {
            try Data(LaTeXRenderer().render(report).utf8).write(to: folder.appendingPathComponent("\(name).tex"))
            lines += ["\\input{\(name)}", "\\clearpage"]
        }
        let paper = folder.appendingPathComponent("paper.tex")
        try Data((lines + ["\\end{document}"]).joined(separator: "\n").utf8).write(to: paper)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(installed("pdflatex")))
        process.arguments = ["-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
        process.currentDirectoryURL = folder
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let log = (try? String(contentsOf: folder.appendingPathComponent("paper.log"), encoding: .isoLatin1)) ?? ""
        let faults = log.split(separator: "\n").filter { $0.hasPrefix("!") || $0.contains("Undefined control") }
        #expect(process.terminationStatus == 0, "\(faults.prefix(3))")
        // To be looked at, by whoever changes the form.
        if let place = ProcessInfo.processInfo.environment["WATTBOOK_PAGES"] {
            let target = URL(fileURLWithPath: place).appendingPathComponent("paper.pdf")
            try? FileManager.default.removeItem(at: target)
            try FileManager.default.copyItem(at: folder.appendingPathComponent("paper.pdf"), to: target)
        }
    }
}
