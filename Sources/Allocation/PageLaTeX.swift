internal import Charts
internal import Reporting

extension Page {
    /// The page as a LaTeX document that a plain TeX Live compiles.
    public var latex: String {
        let body = blocks.map { block in
            switch block {
            case .heading(1, let text): "\\title{\(Charts.latex(text))}\n\\date{}\n\\maketitle"
            case .heading(2, let text): "\\section{\(Charts.latex(text))}"
            case .heading(_, let text): "\\subsection{\(Charts.latex(text))}"
            case .paragraph(let text): Charts.latex(text)
            case .open(let text): "\\emph{To be written: \(Charts.latex(text))}"
            case .list(let entries):
                "\\begin{itemize}\n" + entries.map { "\\item \(Charts.latex($0))\n" }.joined() + "\\end{itemize}"
            case .table(let table): typeset(table)
            case .figure(let figure): typeset(figure)
            }
        }
        return Self.preamble + Chart.latexColours.joined(separator: "\n") + "\n\\begin{document}\n\n"
            + body.joined(separator: "\n\n") + "\n\n\\end{document}\n"
    }

    private static let preamble = #"""
        \documentclass[11pt,a4paper]{article}
        \usepackage[T1]{fontenc}
        \usepackage[utf8]{inputenc}
        \usepackage{textcomp}
        \IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
        \usepackage[margin=25mm]{geometry}
        \usepackage{booktabs,array,graphicx,caption}
        \usepackage{siunitx,pgfplots}
        \pgfplotsset{compat=1.16}
        \usepackage[hidelinks]{hyperref}
        % Tables that are wider than the page are made as narrow as it is.
        \newsavebox{\wbtable}
        \newcommand{\fitted}[1]{\sbox{\wbtable}{#1}%
          \ifdim\wd\wbtable>\linewidth\resizebox{\linewidth}{!}{\usebox{\wbtable}}\else\usebox{\wbtable}\fi}
        \sisetup{group-minimum-digits=5, group-separator={\,}}
        \providecommand{\wattbookchar}[2]{\ifdefined\Umathcode#2\else[#1]\fi}

        """#

    private func typeset(_ table: PageTable) -> String {
        // Words of several columns side by side break their lines.
        let longest = table.columns.indices.map { index in table.rows.map { $0[index].count }.max() ?? 0 }
        let kinds = table.columns.indices.map { index in
            let width = longest[index] > 80 ? 90 : 60
            return table.columns[index].isNumeric
                ? "r" : longest[index] > 40 ? ">{\\raggedright\\arraybackslash}p{\(width)mm}" : "l"
        }
        let header = table.columns.map { $0.isNumeric ? stacked($0.title) : Charts.latex($0.title) }
        let rows = table.rows.map { row in
            row.indices.map { table.columns[$0].isNumeric ? stacked(row[$0]) : Charts.latex(row[$0]) }
        }
        let line = { (cells: [String]) in cells.joined(separator: " & ") + " \\\\" }
        // No float: a table stays where the text speaks of it, and with its caption.
        var lines = [
            "\\medskip\\noindent\\begin{minipage}{\\linewidth}\\centering\\small",
            "\\captionof{table}{\(Charts.latex(table.caption))}",
        ]
        lines.append("\\fitted{\\begin{tabular}{\(kinds.joined())}")
        lines += ["\\toprule", line(header), "\\midrule"]
        lines += rows.map(line)
        lines += ["\\bottomrule", "\\end{tabular}}"]
        if let note = table.note { lines.append("\\par\\smallskip\\raggedright\\footnotesize \(Charts.latex(note))") }
        lines.append("\\end{minipage}\\medskip")
        return lines.joined(separator: "\n")
    }

    /// A figure with what stands in brackets below it.
    private func stacked(_ text: String) -> String {
        guard let (figure, bracket) = parts(ofFigure: text) else { return figures(text) }
        return
            "\\begin{tabular}[t]{@{}r@{}}\(figures(figure))\\\\[-2pt]{\\scriptsize \(figures(bracket))}\\end{tabular}"
    }

    /// Figures for siunitx, which groups their digits; anything else as it is.
    private func figures(_ text: String) -> String {
        text.split(separator: " to ", omittingEmptySubsequences: false)
            .map { latexNumber($0.filter { $0 != "\u{A0}" }) ?? Charts.latex(String($0)) }.joined(separator: " to ")
    }

    /// The chart drawn by PGFPlots; where it has no data for that, its words.
    private func typeset(_ figure: Figure) -> String {
        guard !figure.wide.pgfplots.isEmpty else {
            return "\\emph{\(Charts.latex(figure.caption))} \(Charts.latex(figure.wide.description))"
        }
        return """
            \\begin{center}
            \(figure.wide.pgfplots)
            \\captionof{figure}{\(Charts.latex(figure.caption))}
            \\end{center}
            """
    }
}

/// A figure and what stands in brackets after it, as of `12.3 (11.9 to 12.7)`; `nil` where nothing does.
func parts(ofFigure text: String) -> (figure: String, bracket: String)? {
    guard text.hasSuffix(")"), let open = text.firstIndex(of: "("), open != text.startIndex else { return nil }
    let figure = text[..<open].trimmed
    return figure.isEmpty ? nil : (figure, String(text[text.index(after: open)...].dropLast()))
}

extension Substring {
    fileprivate var trimmed: String {
        String(self[..<(lastIndex { $0 != " " }.map { index(after: $0) } ?? startIndex)])
    }
}
