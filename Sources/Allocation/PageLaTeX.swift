extension Page {
    /// The page as a LaTeX document that a plain TeX Live compiles.
    public var latex: String {
        let body = blocks.map { block in
            switch block {
            case .heading(1, let text): "\\title{\(tex(text))}\n\\date{}\n\\maketitle"
            case .heading(2, let text): "\\section{\(tex(text))}"
            case .heading(_, let text): "\\subsection{\(tex(text))}"
            case .paragraph(let text): tex(text)
            case .open(let text): "\\emph{To be written: \(tex(text))}"
            case .list(let entries):
                "\\begin{itemize}\n" + entries.map { "\\item \(tex($0))\n" }.joined() + "\\end{itemize}"
            case .table(let table): latex(table)
            }
        }
        return Self.preamble + body.joined(separator: "\n\n") + "\n\n\\end{document}\n"
    }

    private static let preamble = #"""
        \documentclass[11pt,a4paper]{article}
        \usepackage[T1]{fontenc}
        \usepackage[utf8]{inputenc}
        \usepackage{textcomp}
        \IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
        \usepackage[margin=25mm]{geometry}
        \usepackage{booktabs,array,graphicx,caption}
        \usepackage[hidelinks]{hyperref}
        % Tables that are wider than the page are made as narrow as it is.
        \newsavebox{\wbtable}
        \newcommand{\fitted}[1]{\sbox{\wbtable}{#1}%
          \ifdim\wd\wbtable>\linewidth\resizebox{\linewidth}{!}{\usebox{\wbtable}}\else\usebox{\wbtable}\fi}
        \begin{document}


        """#

    private func latex(_ table: PageTable) -> String {
        // Words of several columns side by side break their lines.
        let longest = table.columns.indices.map { index in table.rows.map { $0[index].count }.max() ?? 0 }
        let kinds = table.columns.indices.map { index in
            table.columns[index].isNumeric ? "r" : longest[index] > 40 ? ">{\\raggedright\\arraybackslash}p{60mm}" : "l"
        }
        let header = table.columns.map { $0.isNumeric ? stacked($0.title) : tex($0.title) }
        let rows = table.rows.map { row in
            row.indices.map { table.columns[$0].isNumeric ? stacked(row[$0]) : tex(row[$0]) }
        }
        let line = { (cells: [String]) in cells.joined(separator: " & ") + " \\\\" }
        // No float: a table stays where the text speaks of it.
        var lines = ["\\begin{center}\\small", "\\captionof{table}{\(tex(table.caption))}"]
        lines.append("\\fitted{\\begin{tabular}{\(kinds.joined())}")
        lines += ["\\toprule", line(header), "\\midrule"]
        lines += rows.map(line)
        lines += ["\\bottomrule", "\\end{tabular}}"]
        if let note = table.note { lines.append("\\par\\smallskip\\raggedright\\footnotesize \(tex(note))") }
        lines.append("\\end{center}")
        return lines.joined(separator: "\n")
    }

    /// A figure with what stands in brackets below it.
    private func stacked(_ text: String) -> String {
        guard let (figure, bracket) = parts(ofFigure: text) else { return tex(text) }
        return "\\begin{tabular}[t]{@{}r@{}}\(tex(figure))\\\\[-2pt]{\\scriptsize \(tex(bracket))}\\end{tabular}"
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

/// Text that LaTeX sets as it is.
func tex(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\": result += "\\textbackslash{}"
        case "{", "}", "$", "&", "#", "%", "_": result += "\\" + String(scalar)
        case "~": result += "\\textasciitilde{}"
        case "^": result += "\\textasciicircum{}"
        case "\u{A0}": result += "~"
        case "\u{2013}": result += "--"
        case "\u{201C}": result += "``"
        case "\u{201D}": result += "''"
        case "\u{2019}": result += "'"
        case "\u{D7}": result += "\\texttimes{}"
        case "\u{B1}": result += "\\textpm{}"
        case "\u{B5}": result += "\\textmu{}"
        case "<": result += "\\textless{}"
        case ">": result += "\\textgreater{}"
        case "\"": result += "\\textquotedbl{}"
        case "\n", "\r", "\t": result += " "
        // Latin letters are set as they are; of others no font of the preamble knows.
        case "\u{20}"..."\u{7E}", "\u{C0}"..."\u{17F}": result.unicodeScalars.append(scalar)
        case "\u{0}"..."\u{1F}": continue
        default: result += "?"
        }
    }
    return result
}
