internal import Charts
internal import Reporting

extension Page {
    /// The page as one HTML file that needs no other.
    public var html: String { html(onPaper: false) }
    /// The page that WeasyPrint sets.
    package var paper: String { html(onPaper: true) }

    private func html(onPaper: Bool) -> String {
        var title = "Request for compute time"
        if case .heading(1, let text)? = blocks.first { title = text }
        var (body, isOpen) = ("", false)
        for block in blocks {
            // Each heading of the second level begins a section.
            if case .heading(2, _) = block {
                body += isOpen ? "</section>\n<section>\n" : "<section>\n"
                isOpen = true
            }
            body += html(block, onPaper: onPaper) + "\n"
        }
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(escaped(title))</title>
            <style>\(onPaper ? PageStyle.paper : PageStyle.screen)</style>
            </head>
            <body>
            <a class="skip" href="#main">To the request</a>
            <main id="main" tabindex="-1">
            <p class="kicker">Request for compute time</p>
            \(body)\(isOpen ? "</section>\n" : "")</main>
            </body>
            </html>

            """
    }

    private func html(_ block: Block, onPaper: Bool) -> String {
        switch block {
        case .heading(let level, let text): "<h\(level)>\(escaped(text))</h\(level)>"
        case .paragraph(let text): "<p>\(escaped(text))</p>"
        case .open(let text):
            "<aside class=\"warnings\" aria-label=\"To be written\"><p>To be written</p><ul><li>\(escaped(text))</li></ul></aside>"
        case .list(let entries):
            "<ul class=\"findings\">\n" + entries.map { "<li>\(escaped($0))</li>\n" }.joined() + "</ul>"
        case .table(let table): html(table)
        case .figure(let figure): html(figure, onPaper: onPaper)
        }
    }

    private func html(_ figure: Figure, onPaper: Bool) -> String {
        let charts =
            onPaper
            ? "<div class=\"wide\">\(figure.wide.paperSVG(id: figure.id))</div>"
            : "<div class=\"wide\">\(figure.wide.svg(id: figure.id + "-wide"))</div>"
                + "<div class=\"narrow\">\(figure.narrow.svg(id: figure.id + "-narrow"))</div>"
        return "<figure><figcaption>\(escaped(figure.caption))</figcaption>\(charts)</figure>"
    }

    private func html(_ table: PageTable) -> String {
        let kind = { (index: Int) in table.columns[index].isNumeric ? "n" : "w" }
        let titles = table.columns.map { escaped($0.title) }
        let head = titles.indices.map { "<th scope=\"col\" class=\"\(kind($0))\">\(titles[$0])</th>" }
        let rows = table.rows.map { row in
            let cells = row.indices.map { index in
                let text = figure(row[index], table.columns[index])
                return index == 0
                    ? "<th scope=\"row\" class=\"\(kind(index))\">\(text)</th>"
                    : "<td class=\"\(kind(index))\" data-label=\"\(titles[index])\"><span>\(text)</span></td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        let note = table.note.map { "\n<p class=\"note\">\(escaped($0))</p>" } ?? ""
        // A wide table becomes a list on a telephone, a short one stays on one page of paper.
        let shape = (table.columns.count > 3 ? " stack" : "") + (table.rows.count <= 12 ? " short" : "")
        return """
            <div class="table\(shape)" role="region" aria-label="\(escaped(table.caption))" tabindex="0"><table>
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
        return "\(escaped(figure))<small>\(escaped(bracket))</small>"
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
