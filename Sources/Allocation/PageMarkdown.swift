internal import Charts
internal import Reporting

extension Page {
    /// The page as Markdown, as GitHub shows it.
    public var markdown: String {
        blocks.map { block in
            switch block {
            case .heading(let level, let text): String(repeating: "#", count: level) + " " + inline(text)
            case .paragraph(let text): opening(text)
            case .open(let text): "> **To be written:** \(inline(text))"
            case .list(let entries): entries.map { "- \(opening($0))" }.joined(separator: "\n")
            case .table(let table): markdown(table)
            case .figure(let figure): "*\(inline(figure.caption))* \(inline(figure.wide.description))"
            }
        }.joined(separator: "\n\n") + "\n"
    }

    private func markdown(_ table: PageTable) -> String {
        let row = { (cells: [String]) in "| " + cells.joined(separator: " | ") + " |" }
        var lines = ["*\(inline(table.caption))*", "", row(table.columns.map { inline($0.title) })]
        lines.append(row(table.columns.map { $0.isNumeric ? "--:" : "---" }))
        lines += table.rows.map { row($0.map(inline)) }
        if let note = table.note { lines += ["", inline(note)] }
        return lines.joined(separator: "\n")
    }
}
