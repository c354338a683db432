import Charts

/// A report as a row of sections, before any markup: what the page and the Markdown text both say.
struct Document {
    var title: String
    /// What was reported on, in a line.
    var subtitle: String
    /// The answer in one sentence.
    var verdict: String
    /// The few figures that answer most questions.
    var highlights: [Highlight]
    var sections: [Section]
}

/// One figure to be seen first.
struct Highlight {
    var name: String
    var value: String
    /// The interval, or what is to be known with it.
    var detail: String
}

/// One part of a report.
struct Section {
    /// The anchor in a page.
    var id: String
    var title: String
    var blocks: [Block]
}

/// One thing in a section.
enum Block {
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
struct Cell {
    var text: String
    /// The interval that belongs to the figure.
    var detail: String?

    init(_ text: String, detail: String? = nil) {
        self.text = text
        self.detail = detail
    }
}

/// Rows under titled columns.
struct Table {
    /// A column, with its unit in brackets where it has one.
    struct Column {
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

/// A chart for both widths, with its caption.
struct Figure {
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
