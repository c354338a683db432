public import Charts

/// An application as a row of blocks, before any markup.
public struct Page: Sendable, Hashable {
    /// One thing on the page.
    public enum Block: Sendable, Hashable {
        /// Level 1 is the title.
        case heading(Int, String)
        case paragraph(String)
        /// What only the author can write.
        case open(String)
        case list([String])
        case table(PageTable)
        case figure(Figure)
    }

    /// A chart for a page and for half a page, with its caption.
    public struct Figure: Sendable, Hashable {
        /// Unique on the page.
        public var id: String
        public var caption: String
        public var wide: Chart
        public var narrow: Chart
    }

    public var blocks: [Block]
}

/// Rows under titled columns.
public struct PageTable: Sendable, Hashable {
    /// A column; figures stand to the right.
    public struct Column: Sendable, Hashable {
        public var title: String
        public var isNumeric: Bool

        static func words(_ title: String) -> Column { Column(title: title, isNumeric: false) }
        static func figures(_ title: String) -> Column { Column(title: title, isNumeric: true) }
    }

    public var caption: String
    public var columns: [Column]
    public var rows: [[String]]
    public var note: String?

    /// The table without the columns that hold nothing in any row.
    var withoutEmptyColumns: PageTable {
        let kept = columns.indices.filter { index in rows.contains { !["", "–"].contains($0[index]) } }
        var table = self
        table.columns = kept.map { columns[$0] }
        table.rows = rows.map { row in kept.map { row[$0] } }
        return table
    }
}
