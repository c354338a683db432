import Charts

/// A section of a paper: booktabs tables, siunitx numbers and PGFPlots charts, for `\input`.
///
/// It changes nothing outside of itself, and says at its head what the preamble needs.
package struct LaTeXRenderer: Renderer {
    /// A renderer.
    package init() {}

    /// Renders the same sections as the page; long tables are cut, since a paper is no place for each run.
    package func render(_ report: any Reportable) throws -> String {
        let document = report.document.shortened(to: 20)
        var lines = [Self.preamble, "\\section{\(latex(document.title))}", text(document.subtitle + ".")]
        lines.append("\\noindent\\textbf{\(text(document.verdict))}")
        if !document.highlights.isEmpty {
            let table = Table(
                caption: "The figures that answer most questions.",
                columns: [.words("Figure"), .words("Value"), .words("With it")],
                rows: document.highlights.map { [Cell($0.name), Cell($0.value), Cell($0.detail)] }
            )
            lines.append(latexTable(table.withoutEmptyColumns))
        }
        let name = label(document.title)
        for section in document.sections {
            lines.append("\\subsection{\(latex(section.title))}")
            lines += blocks(section, "wattbook-\(name)-\(section.id)")
        }
        lines.append("\\endgroup")
        return lines.joined(separator: "\n\n") + "\n"
    }

    private static let preamble =
        ([
            "% Written by Wattbook, to be set with \\input{report}. The preamble needs:",
            "%   \\usepackage[T1]{fontenc}  \\usepackage[utf8]{inputenc}  (pdfLaTeX only)",
            "%   \\usepackage{array,booktabs,siunitx,pgfplots}  \\pgfplotsset{compat=1.16}",
            "\\begingroup",
            "\\sisetup{separate-uncertainty=true, retain-zero-uncertainty=true}",
            "\\providecommand{\\wattbookchar}[2]{\\ifdefined\\Umathcode#2\\else[#1]\\fi}",
            "\\providecommand{\\wattbookinterval}[2]{\\begin{tabular}[t]{@{}r@{}}#1\\\\{\\scriptsize #2}\\end{tabular}}",
        ] + Chart.latexColours).joined(separator: "\n")

    /// The section's blocks; in front of floats, which TeX sets where it has room, a line that refers to them.
    private func blocks(_ section: Section, _ label: String) -> [String] {
        var (lines, floats): ([String], [String]) = ([], [])
        var (references, tables): ([String], Int) = ([], 0)
        func flush() {
            if !floats.isEmpty { lines.append("\(listed(references)).") }
            lines += floats
            (floats, references) = ([], [])
        }
        for block in section.blocks {
            switch block {
            case .table(let table) where !table.caption.isEmpty && !table.columns.isEmpty:
                tables += 1
                references.append("Table~\\ref{tab:\(label)-\(tables)}")
                floats.append(latexTable(table, label: "tab:\(label)-\(tables)"))
            case .figure(let figure): add([figure])
            case .pair(let figures): add(figures)
            default:
                flush()
                lines.append(plain(block))
            }
        }
        func add(_ figures: [Figure]) {
            for figure in figures {
                references.append("Figure~\\ref{fig:\(label)-\(figure.id)}")
                floats.append(self.figure(figure, label: "fig:\(label)-\(figure.id)"))
            }
        }
        flush()
        return lines
    }

    /// The letters and digits of a title, so that two reports in one paper keep their references apart.
    private func label(_ title: String) -> String {
        let words = title.lowercased().split { !$0.isASCII || !$0.isLetter && !$0.isNumber }
        return String(words.joined(separator: "-").prefix(40))
    }

    private func plain(_ block: Block) -> String {
        switch block {
        case .heading(let words): "\\paragraph{\(latex(words))}"
        case .paragraph(let words): text(words)
        case .list(let items): list(items)
        case .warnings(let items): "\\paragraph{To be kept in mind}\n\n\(list(items))"
        case .facts(let facts):
            latexTable(
                Table(
                    caption: "",
                    columns: [.words("Fact"), .words("Value")],
                    rows: facts.map { [Cell($0.name), Cell($0.value)] }
                )
            )
        case .table(let table): latexTable(table)
        case .figure, .pair: ""
        case .code(let lines): code(lines)
        }
    }

    private func list(_ items: [String]) -> String {
        (["\\begin{itemize}"] + items.map { "  \\item \(text($0))" } + ["\\end{itemize}"]).joined(separator: "\n")
    }

    /// The chart drawn by PGFPlots.
    private func figure(_ figure: Figure, label: String) -> String {
        """
        \\begin{figure}[htbp]
        \\centering
        \(figure.wide.pgfplots)
        \\caption{\(text(figure.caption)).}
        \\label{\(label)}
        \\end{figure}
        """
    }

    /// Lines of a typewriter; verbatim text could be ended by what is in it.
    private func code(_ lines: String) -> String {
        let rows = lines.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let indent = line.prefix { $0 == " " }.count
            let words = latex(String(line.dropFirst(indent)))
            return "\\mbox{}" + String(repeating: "~", count: indent) + words + "\\par"
        }
        let settings = "\\scriptsize\\ttfamily\\raggedright\\hyphenpenalty=10000\\parindent=0pt\\parskip=0pt"
        return "{\(settings)\n\(rows.joined(separator: "\n"))\n}"
    }
}

/// Running text, in which no line ends between a number and its unit, and paths may break.
private func text(_ words: String) -> String {
    latex(words).replacing("/", with: "/\\allowbreak{}").replacing(" \\%", with: "\\,\\%").replacing(
        " \\(\\pm\\) ",
        with: "~\\(\\pm\\)~"
    )
}
