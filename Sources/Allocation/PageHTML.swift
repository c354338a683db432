extension Page {
    /// The page as one HTML file that needs no other.
    public var html: String {
        var title = "Request for compute time"
        if case .heading(1, let text)? = blocks.first { title = text }
        let body = blocks.map { block in
            switch block {
            case .heading(let level, let text): "<h\(level)>\(escaped(text))</h\(level)>"
            case .paragraph(let text): "<p>\(escaped(text))</p>"
            case .open(let text): "<p class=\"open\"><strong>To be written:</strong> \(escaped(text))</p>"
            case .list(let entries): "<ul>\n" + entries.map { "<li>\(escaped($0))</li>\n" }.joined() + "</ul>"
            case .table(let table): html(table)
            }
        }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(escaped(title))</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <main>
            \(body.joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    private static let style = """
        :root{color-scheme:light dark;--ink:#1a1a1a;--paper:#fff;--rule:#767676;--open:#7a4100}\
        @media(prefers-color-scheme:dark){:root{--ink:#ececec;--paper:#161616;--rule:#8f8f8f;--open:#ffb866}}\
        body{font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0}\
        main{max-width:64rem;margin:auto;padding:1.5rem}\
        .wide{overflow-x:auto}table{border-collapse:collapse;font-size:.875rem;margin:1rem 0}\
        caption{text-align:left;font-style:italic;padding-bottom:.25rem}\
        th,td{padding:.25rem .6rem;text-align:left;vertical-align:top}thead th{border-bottom:1px solid var(--rule)}\
        .n{text-align:right;font-variant-numeric:tabular-nums}.n small{display:block;white-space:nowrap}.open{color:var(--open)}.note{font-size:.875rem}\
        @page{size:A4;margin:20mm}@media print{main{padding:0;max-width:none}table{font-size:6.5pt}.wide{overflow:visible}}
        """

    private func html(_ table: PageTable) -> String {
        let kind = { (index: Int) in table.columns[index].isNumeric ? " class=\"n\"" : "" }
        let head = table.columns.indices.map { "<th scope=\"col\"\(kind($0))>\(escaped(table.columns[$0].title))</th>" }
        let rows = table.rows.map { row in
            let cells = row.indices.map { index in
                index == 0
                    ? "<th scope=\"row\"\(kind(index))>\(escaped(row[index]))</th>"
                    : "<td\(kind(index))>\(figure(row[index], table.columns[index]))</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        let note = table.note.map { "\n<p class=\"note\">\(escaped($0))</p>" } ?? ""
        return """
            <div class="wide" role="region" aria-label="\(escaped(table.caption))" tabindex="0"><table>
            <caption>\(escaped(table.caption))</caption>
            <thead><tr>\(head.joined())</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table></div>\(note)
            """
    }

    /// A figure with its interval below it.
    private func figure(_ text: String, _ column: PageTable.Column) -> String {
        guard column.isNumeric, let (figure, bracket) = parts(ofFigure: text) else { return escaped(text) }
        return "\(escaped(figure)) <small>(\(escaped(bracket)))</small>"
    }

    private func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\u{0}"..."\u{8}", "\u{B}", "\u{C}", "\u{E}"..."\u{1F}": continue
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
