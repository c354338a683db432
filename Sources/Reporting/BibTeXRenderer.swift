import Analysis
import Carbon
import Charts
import Ledger
import Quantities

/// Entries to cite the program, the measurement and the sources of its factors.
package struct BibTeXRenderer: Renderer {
    /// A renderer.
    package init() {}

    /// Renders an entry a source, in the same order every time.
    package func render(_ report: any Reportable) throws -> String {
        let last = report.runs.map(\.start.startedAt).max() ?? 0
        let date = CivilDate(microseconds: last).text
        let year = String(date.prefix(4))
        var entries = [
            entry(
                "software",
                "wattbook",
                [
                    ("author", "{Wattbook contributors}"),
                    ("title", "{Wattbook}: energy and carbon accounts of programs"),
                    ("version", latex(report.version)), ("year", year),
                ]
            )
        ]
        if !report.runs.isEmpty {
            let ids = report.runs.map(\.start.id)
            let some = ids.prefix(3).joined(separator: ", ") + (ids.count > 3 ? " and \(ids.count - 3) more" : "")
            entries.append(
                entry(
                    "misc",
                    "wattbook-report-\(date)",
                    [
                        ("title", "{\(latex(report.document.title))}"), ("year", year),
                        ("month", String(date.dropFirst(5).prefix(2))),
                        ("howpublished", "Energy report of Wattbook \(latex(report.version))"),
                        ("note", latex("\(counted(ids.count, "run")): \(some)")),
                    ]
                )
            )
        }
        let sources = Document.unique(report.runs.flatMap { report.carbon[$0.start.id] ?? [] }.map(\.intensitySource))
        entries += sources.enumerated().map { index, source in
            entry(
                "misc",
                "grid-intensity-\(index + 1)",
                [("title", "{Carbon intensity of electricity}"), ("howpublished", latex(source)), ("note", "Data set")]
            )
        }
        entries.append(
            entry(
                "techreport",
                "gum",
                [
                    ("author", "{Joint Committee for Guides in Metrology}"),
                    ("title", "Evaluation of measurement data: guide to the expression of uncertainty in measurement"),
                    ("number", "JCGM 100:2008"), ("institution", "BIPM"), ("year", "2008"),
                ]
            )
        )
        return entries.joined(separator: "\n")
    }

    private func entry(_ kind: String, _ key: String, _ fields: [(name: String, value: String)]) -> String {
        "@\(kind){\(key),\n" + fields.map { "  \($0.name) = {\($0.value)},\n" }.joined() + "}\n"
    }
}
