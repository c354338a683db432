import Charts
import Quantities

/// A table with rules of booktabs; one with a caption is a float.
///
/// Columns keep their natural width where all fit; else the wordy ones share what the figures leave.
func latexTable(_ table: Table, label: String? = nil) -> String {
    guard !table.columns.isEmpty else { return "" }
    let layout = Layout(table)
    let heads = zip(table.columns, layout.columns).map { $1.head($0) }
    let rows = table.rows.map { row in
        zip(row, zip(table.columns, layout.columns)).map { cell, place in
            place.0.numeric ? figures(cell) : words(cell, wraps: place.1.share != nil)
        }.joined(separator: " & ") + " \\\\"
    }
    let place =
        table.caption.isEmpty
        ? ("\\begin{center}", "\\end{center}") : ("\\begin{table}[htbp]\\centering", "\\end{table}")
    var lines = [place.0, layout.size]
    if !table.caption.isEmpty { lines.append("\\caption{\(latex(table.caption))}") }
    if let label { lines.append("\\label{\(label)}") }
    lines += [
        "\\setlength{\\tabcolsep}{3.5pt}",
        (layout.isTooWide ? "\\resizebox{\\linewidth}{!}{" : "")
            + "\\begin{tabular}{@{}\(layout.columns.map(\.letter).joined())@{}}",
        "\\toprule", heads.joined(separator: " & ") + " \\\\", "\\midrule",
    ]
    lines += rows + ["\\bottomrule", "\\end{tabular}" + (layout.isTooWide ? "}" : "")]
    if let note = table.note {
        lines.append("\\par\\smallskip\\begin{minipage}{\\linewidth}\\scriptsize \(latex(note))\\end{minipage}")
    }
    return (lines + [place.1]).joined(separator: "\n")
}

/// How wide the columns of a table are, in characters of the line.
private struct Layout {
    struct Column {
        var letter: String
        /// The part of the line that a wordy column takes; `nil` where it keeps its natural width.
        var share: Double?
        /// Characters of a figure, for the lines of its heading.
        var width: Int

        /// The heading, over several lines where it is wider than the column.
        func head(_ column: Table.Column) -> String {
            let unit = column.unit.map { "(\(latexUnit($0)))" }
            guard column.numeric else { return "\\textbf{\(latex(column.title))}" + (unit.map { " \($0)" } ?? "") }
            var lines: [String] = []
            for word in column.title.split(separator: " ").map(String.init) {
                if let last = lines.last, last.count + word.count < width {
                    lines[lines.count - 1] = "\(last) \(word)"
                } else {
                    lines.append(word)
                }
            }
            let words = lines.map { "\\textbf{\(latex($0))}" } + (unit.map { [$0] } ?? [])
            return "\\begin{tabular}[b]{@{}r@{}}\(words.joined(separator: "\\\\"))\\end{tabular}"
        }
    }

    var columns: [Column]
    var size: String
    /// Whether the figures alone are wider than the line, so that the table is set smaller to fit.
    var isTooWide = false

    init(_ table: Table) {
        let widths = table.columns.indices.map { index -> Int in
            let column = table.columns[index]
            let words = column.title.split(separator: " ").map(\.count)
            // Figures are never broken, their headings are; intervals are set smaller.
            let head = column.numeric ? max(words.max() ?? 0, column.unit?.count ?? 0) : column.heading.count
            let cells = table.rows.map { max($0[index].text.count, ($0[index].detail?.count ?? 0) * 9 / 10) }
            return max(4, head * 8 / 7, cells.max() ?? 0) + 2
        }
        // A line of \footnotesize in a common page holds a good 80 digits, of \scriptsize 86; headings are bold.
        size = widths.reduce(0, +) <= 80 ? "\\footnotesize" : "\\scriptsize"
        let line = widths.reduce(0, +) <= 80 ? 80 : 86
        guard widths.reduce(0, +) > line else {
            columns = zip(table.columns, widths).map { Column(letter: $0.numeric ? "r" : "l", width: $1) }
            return
        }
        // Figures and short words keep what they need, the others share the rest; none is narrower than a word.
        let wraps = zip(table.columns, widths).map { !$0.numeric && $1 > 14 }
        let fixed = zip(wraps, widths).filter { !$0.0 }.map(\.1).reduce(0, +)
        let wordy = zip(wraps, widths).filter(\.0).map { Double($0.1).squareRoot() }.reduce(0, +)
        isTooWide = fixed > line || wordy > 0 && Double(fixed) > 0.75 * Double(line)
        let room = max(Double(line - fixed), Double(line) * 0.25)
        columns = table.columns.indices.map { index in
            let (column, width) = (table.columns[index], widths[index])
            guard wraps[index] else { return Column(letter: column.numeric ? "r" : "l", width: width) }
            let share = Double(width).squareRoot() / wordy * room / Double(line) * 0.94
            let letter = ">{\\raggedright\\arraybackslash}p{\(decimal(share, places: 3))\\linewidth}"
            return Column(letter: letter, share: share, width: width)
        }
    }
}

private func words(_ cell: Cell, wraps: Bool) -> String {
    let text = breakable(latexNumber(cell.text) ?? latex(cell.text))
    guard let detail = cell.detail else { return text }
    let small = "{\\scriptsize \(breakable(latex(detail)))}"
    return wraps ? "\(text)\\newline \(small)" : "\\begin{tabular}[t]{@{}l@{}}\(text)\\\\\(small)\\end{tabular}"
}

private func figures(_ cell: Cell) -> String {
    let value = latexNumber(cell.text) ?? latex(cell.text)
    guard let detail = cell.detail else { return value }
    let ends = detail.split(separator: " to ", omittingEmptySubsequences: false).map(String.init)
    let numbers = ends.compactMap(latexNumber)
    let small = ends.count == 2 && numbers.count == 2 ? "\(numbers[0]) to \(numbers[1])" : latex(detail)
    return "\\wattbookinterval{\(value)}{\(small)}"
}

/// A number, one with its uncertainty, or one with a per cent sign, for siunitx; `nil` for anything else.
package func latexNumber(_ text: String) -> String? {
    let percent = text.hasSuffix(" %")
    let parts = (percent ? String(text.dropLast(2)) : text).split(separator: " ± ").map(String.init)
    guard (1...2).contains(parts.count), parts.allSatisfy(isNumber) else { return nil }
    return "\\num{\(parts.joined(separator: " \\pm "))}" + (percent ? "\\,\\%" : "")
}

private func isNumber(_ text: String) -> Bool {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    return digits.first?.isNumber == true && digits.allSatisfy { ("0"..."9").contains($0) || $0 == "." }
        && digits.count { $0 == "." } <= 1 && digits.last != "."
}

/// A column's unit for siunitx, as `\si{\kilo\joule}`; words stay words.
func latexUnit(_ symbol: String) -> String {
    let prefixes: [Character: String] = [
        "G": "\\giga", "M": "\\mega", "k": "\\kilo", "m": "\\milli", "µ": "\\micro", "n": "\\nano", "p": "\\pico",
    ]
    let units: [Substring: String] = [
        "J": "\\joule", "W": "\\watt", "g": "\\gram", "s": "\\second", "h": "\\hour", "Wh": "\\watt\\hour",
    ]
    if let unit = units[symbol[...]] { return "\\si{\(unit)}" }
    if let first = symbol.first, let prefix = prefixes[first], let unit = units[symbol.dropFirst()] {
        return "\\si{\(prefix)\(unit)}"
    }
    return latex(symbol)
}

/// Long words may break after the signs that paths and lists of levels are made with.
private func breakable(_ text: String) -> String {
    text.contains("\\(") || text.contains("\\char") || text.contains("\\wattbookchar")
        ? text : text.replacing("/", with: "/\\allowbreak{}").replacing("=", with: "=\\allowbreak{}")
}
