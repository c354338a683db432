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
        for section in document.sections {
            lines.append("\\subsection{\(latex(section.title))}")
            lines += section.blocks.map(block)
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

    private func block(_ block: Block) -> String {
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
        case .figure(let figure): self.figure(figure)
        case .pair(let figures): figures.map(self.figure).joined(separator: "\n\n")
        case .code(let lines): code(lines)
        }
    }

    private func list(_ items: [String]) -> String {
        (["\\begin{itemize}"] + items.map { "  \\item \(text($0))" } + ["\\end{itemize}"]).joined(separator: "\n")
    }

    /// The chart drawn by PGFPlots.
    private func figure(_ figure: Figure) -> String {
        """
        \\begin{figure}[htbp]
        \\centering
        \(figure.wide.pgfplots)
        \\caption{\(text(figure.caption)).}
        \\label{fig:wattbook-\(figure.id)}
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

/// Running text, in which no line ends between a number and its unit.
private func text(_ words: String) -> String {
    latex(words).replacing(" \\%", with: "\\,\\%").replacing(" \\(\\pm\\) ", with: "~\\(\\pm\\)~")
}
