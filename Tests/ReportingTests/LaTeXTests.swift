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
        let scaling = try Report(study: Synthetic.scaling(), version: "0.1.0")
        let reports: [any Reportable] = [Synthetic.report(), Synthetic.account(), scaling]
        for report in reports {
            let figures = report.document.sections.flatMap(\.blocks).map { block in
                switch block {
                case .figure: 1
                case .pair(let figures): figures.count
                default: 0
                }
            }.reduce(0, +)
            let text = try LaTeXRenderer().render(report)
            #expect(figures >= 3 && text.matches(of: /\\begin\{axis\}/).count == figures)
            #expect(text.matches(of: /\\addplot/).count >= figures)
        }
        let text = try LaTeXRenderer().render(Synthetic.report())
        // The same data as the page's, and no more than a column of a paper can show.
        let coordinates = text.matches(of: /coordinates \{([^}]*)\}/).map { $0.1.split(separator: " ").count }
        #expect(coordinates.max() ?? 0 > 100 && coordinates.max() ?? 0 <= 300)
    }

    private static let differences = ForestPlot(
        title: "",
        quantity: "Difference of iou",
        below: "",
        above: "",
        axis: .difference(margin: -0.01),
        rows: [
            .init(label: "bf16", value: -0.001, low: -0.004, high: 0.002),
            .init(label: "int8_dynamic", value: -0.0093, low: -0.0112, high: -0.0074),
            .init(label: "A. Author, 2024", value: 0.004, low: nil, high: nil, isPublished: true),
        ]
    )
    private static let sizes = SizePlot(
        title: "",
        quantity: "Speed-up",
        size: "filters",
        series: ["pytorch", "wattbook-unet"].enumerated().map { index, name in
            let values = [8.0, 16, 32, 64].map { (size: $0, value: 1 + $0 * Double(index + 1) / 60) }
            return .init(
                label: name,
                entries: values.map {
                    .init(size: $0.size, value: $0.value, low: $0.value - 0.1, high: $0.value + 0.2)
                },
                slope: "× 1.15 (1.10 to 1.21)"
            )
        }
    )
    private static let groups = GroupedBars(
        title: "",
        quantity: "Energy, modelled",
        unit: "J",
        groups: ["fp32, filters=8", "bf16, filters=8 & 16"].map { name in
            .init(
                label: name,
                bars: [
                    .init(label: "wattbook-unet", series: 0, value: 512, low: 500, high: 524),
                    .init(label: "a framework with a name that is long", series: 1, value: 900, low: nil, high: nil),
                    .init(label: "tflite", series: 2, value: 700, low: 600, high: 800),
                ]
            )
        }
    )

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
        reports["scaling"] = try Report(study: Synthetic.scaling(), version: "0.1.0")
        var lines = [
            "\\documentclass[a4paper]{article}", "\\usepackage[T1]{fontenc}", "\\usepackage[utf8]{inputenc}",
            "\\usepackage{array,booktabs,siunitx,pgfplots}", "\\pgfplotsset{compat=1.16}", "\\begin{document}",
        ]
        for (name, report) in reports.sorted(by: { $0.key < $1.key }) {
            try Data(LaTeXRenderer().render(report).utf8).write(to: folder.appendingPathComponent("\(name).tex"))
            lines += ["\\input{\(name)}", "\\clearpage"]
        }
        lines += Chart.latexColours
        lines += [Self.sizes.draw(.wide), Self.groups.draw(.wide), Self.differences.draw(.wide)].compactMap(
            \.?.pgfplots
        )
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
