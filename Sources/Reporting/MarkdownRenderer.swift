import Charts

/// Markdown as GitHub shows it; of the page's pictures it has the words.
package struct MarkdownRenderer: Renderer {
    /// A renderer.
    package init() {}

    /// Renders the same sections as the page.
    package func render(_ report: any Reportable) throws -> String {
        let document = report.document
        var lines = ["# \(inline(document.title))", opening(document.subtitle), "**\(inline(document.verdict))**"]
        if !document.highlights.isEmpty {
            let table = Table(
                caption: "",
                columns: [.words("Figure"), .figures("Value"), .words("With it")],
                rows: document.highlights.map { [Cell($0.name), Cell($0.value), Cell($0.detail)] }
            )
            lines.append(text(table))
        }
        for section in document.sections {
            lines.append("## \(inline(section.title))")
            lines += section.blocks.map(text)
        }
        return lines.joined(separator: "\n\n") + "\n"
    }

    private func text(_ block: Block) -> String {
        switch block {
        case .heading(let words): "### \(inline(words))"
        case .paragraph(let words): opening(words)
        case .list(let items): items.map { "- \(opening($0))" }.joined(separator: "\n")
        case .warnings(let items):
            "> **To be kept in mind**\n>\n" + items.map { "> - \(opening($0))" }.joined(separator: "\n")
        case .facts(let facts):
            text(
                Table(
                    caption: "",
                    columns: [.words("Fact"), .words("Value")],
                    rows: facts.map { [Cell($0.name), Cell($0.value)] }
                )
            )
        case .table(let table): text(table)
        case .figure(let figure): text(figure)
        case .pair(let figures): figures.map(text).joined(separator: "\n\n")
        case .code(let lines): fenced(lines)
        }
    }

    /// What the picture of the page shows, in words.
    private func text(_ figure: Figure) -> String {
        "*Figure in report.html: \(inline(figure.caption)).* \(inline(figure.wide.description))"
    }

    private func text(_ table: Table) -> String {
        var lines: [String] = []
        if !table.caption.isEmpty { lines += ["*\(inline(table.caption))*", ""] }
        lines.append(row(table.columns.map { inline($0.heading) }))
        lines.append(row(table.columns.map { $0.numeric ? "--:" : "---" }))
        lines += table.rows.map { cells in
            row(cells.map { cell in inline(cell.text) + (cell.detail.map { " (\(inline($0)))" } ?? "") })
        }
        if let note = table.note { lines += ["", inline(note)] }
        return lines.joined(separator: "\n")
    }

    private func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

    /// A block of code within a fence that is longer than any row of backticks in it.
    private func fenced(_ text: String) -> String {
        var (longest, run) = (0, 0)
        for character in text {
            run = character == "`" ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: max(3, longest + 1))
        return "\(fence)sh\n\(text)\n\(fence)"
    }
}

/// Text that Markdown shows as it is: no emphasis, link, HTML, cell border or list of its own.
package func inline(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\", "`", "*", "_", "[", "]", "|", "~", "#", "$": result += "\\" + String(scalar)
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        // A name after an at-sign would call a person.
        case "@": result += "&#64;"
        case "\n", "\r", "\t": result += " "
        case "\u{0}"..."\u{1F}": continue
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// The same at the start of a line, where some characters would open a list.
package func opening(_ text: String) -> String {
    let result = inline(text)
    guard let first = result.first else { return result }
    if "-+=".contains(first) { return "\\" + result }
    let digits = result.prefix { $0.isASCII && $0.isNumber }
    if !digits.isEmpty, let mark = result.dropFirst(digits.count).first, ".)".contains(mark),
        result.dropFirst(digits.count + 1).first.map({ $0 == " " }) ?? true
    {
        return digits + "\\" + result.dropFirst(digits.count)
    }
    return result
}
