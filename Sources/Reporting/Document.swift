import Charts

/// A report as a row of sections, before any markup: what the page and the Markdown text both say.
package struct Document: Sendable {
    var title: String
    /// What was reported on, in a line.
    var subtitle: String
    /// The answer in one sentence.
    package var verdict: String
    /// The few figures that answer most questions.
    var highlights: [Highlight]
    var sections: [Section]
}

/// One figure to be seen first.
struct Highlight: Sendable {
    var name: String
    var value: String
    /// The interval, or what is to be known with it.
    var detail: String
}

/// One part of a report.
struct Section: Sendable {
    /// The anchor in a page.
    var id: String
    var title: String
    var blocks: [Block]

    /// The section with more at its end.
    func adding(_ more: [Block]) -> Section { Section(id: id, title: title, blocks: blocks + more) }
}

/// One thing in a section.
enum Block: Sendable {
    case heading(String)
    case paragraph(String)
    case list([String])
    /// Sentences that weaken what else is said.
    case warnings([String])
    /// Names with values.
    case facts([(name: String, value: String)])
    case table(Table)
    case figure(Figure)
    /// Pictures that stand side by side where there is room.
    case pair([Figure])
    /// Lines to be copied.
    case code(String)
}

/// One cell of a table.
struct Cell: Sendable {
    var text: String
    /// The interval that belongs to the figure.
    var detail: String?

    init(_ text: String, detail: String? = nil) {
        self.text = text
        self.detail = detail
    }
}

/// Rows under titled columns.
struct Table: Sendable {
    /// A column, with its unit in brackets where it has one.
    struct Column: Sendable {
        var title: String
        var unit: String?
        /// Whether it holds figures, which stand to the right.
        var numeric: Bool

        static func words(_ title: String) -> Column { Column(title: title, unit: nil, numeric: false) }
        static func figures(_ title: String, _ unit: String? = nil) -> Column {
            Column(title: title, unit: unit, numeric: true)
        }

        var heading: String { unit.map { "\(title) (\($0))" } ?? title }
    }

    /// What the table shows, in a line.
    var caption: String
    var columns: [Column]
    var rows: [[Cell]]
    /// Whether the figures carry 95 % intervals below them.
    var note: String?

    /// The table without the columns that hold nothing in any row.
    var withoutEmptyColumns: Table {
        let kept = columns.indices.filter { index in
            rows.contains { $0[index].text != "–" && !$0[index].text.isEmpty }
        }
        var table = self
        table.columns = kept.map { columns[$0] }
        table.rows = rows.map { row in kept.map { row[$0] } }
        return table
    }
}

extension Document {
    /// The document with tables of at most so many rows; what is left out is said below the table.
    func shortened(to limit: Int) -> Document {
        var document = self
        document.sections = sections.map { section in
            var section = section
            section.blocks = section.blocks.map { block in
                guard case .table(var table) = block, table.rows.count > limit else { return block }
                let rest = "The other \(table.rows.count - limit) rows are in report.csv and report.json."
                table.rows = Array(table.rows.prefix(limit))
                table.note = table.note.map { "\($0) \(rest)" } ?? rest
                return .table(table)
            }
            return section
        }
        return document
    }
}

/// Most rows of a table on paper: of more, nobody reads each.
let paperRows = 60

/// A chart for both widths, with its caption.
struct Figure: Sendable {
    /// Unique in the report.
    var id: String
    var caption: String
    var wide: Chart
    var narrow: Chart

    /// A figure; `nil` where there is nothing to draw.
    init?(id: String, caption: String, _ draw: (ChartWidth) -> Chart?) {
        guard let wide = draw(.wide), let narrow = draw(.narrow) else { return nil }
        self.id = id
        self.caption = caption
        self.wide = wide
        self.narrow = narrow
    }
}
