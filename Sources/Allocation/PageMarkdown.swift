internal import Charts

extension Page {
    /// The page as Markdown, as GitHub shows it.
    public var markdown: String {
        blocks.map { block in
            switch block {
            case .heading(let level, let text): String(repeating: "#", count: level) + " " + escaped(text)
            case .paragraph(let text): opening(text)
            case .open(let text): "> **To be written:** \(escaped(text))"
            case .list(let entries): entries.map { "- \(opening($0))" }.joined(separator: "\n")
            case .table(let table): markdown(table)
            case .figure(let figure): "*\(escaped(figure.caption))* \(escaped(figure.wide.description))"
            }
        }.joined(separator: "\n\n") + "\n"
    }

    private func markdown(_ table: PageTable) -> String {
        let row = { (cells: [String]) in "| " + cells.joined(separator: " | ") + " |" }
        var lines = ["*\(escaped(table.caption))*", "", row(table.columns.map { escaped($0.title) })]
        lines.append(row(table.columns.map { $0.isNumeric ? "--:" : "---" }))
        lines += table.rows.map { row($0.map(escaped)) }
        if let note = table.note { lines += ["", escaped(note)] }
        return lines.joined(separator: "\n")
    }

    /// At the start of a line, where some characters would open a list or a heading.
    private func opening(_ text: String) -> String {
        let result = escaped(text)
        if let first = result.first, "-+=".contains(first) { return "\\" + result }
        let digits = result.prefix { $0.isASCII && $0.isNumber }
        if !digits.isEmpty, let mark = result.dropFirst(digits.count).first, ".)".contains(mark) {
            return digits + "\\" + result.dropFirst(digits.count)
        }
        return result
    }

    private func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "`", "*", "_", "[", "]", "|", "~", "#", "$": result += "\\" + String(scalar)
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "@": result += "&#64;"
            case "\n", "\r", "\t": result += " "
            case "\u{0}"..."\u{1F}": continue
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
