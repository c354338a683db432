import Metering
import SystemPackage

#if canImport(Glibc)
import Glibc
#endif

/// Where sentences for people go, and whether they may be coloured.
struct Terminal {
    var descriptor: FileDescriptor
    var colored: Bool
    var quiet: Bool

    /// A stream for people; colour only on a terminal that did not decline it (no-color.org).
    init(_ descriptor: FileDescriptor, noColor: Bool, quiet: Bool = false) {
        self.descriptor = descriptor
        self.quiet = quiet
        colored =
            !noColor && isatty(descriptor.rawValue) == 1 && environment("NO_COLOR") == nil
            && environment("TERM") != "dumb"
    }

    /// Whether a person watches, so that a line may be rewritten.
    var isInteractive: Bool { isatty(descriptor.rawValue) == 1 }

    /// Columns of the terminal; 100 where there is none.
    var width: Int {
        var size = winsize()
        guard unsafe ioctl(descriptor.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 100 }
        return Int(size.ws_col)
    }

    /// Writes one line.
    func line(_ text: String = "") {
        guard !quiet else { return }
        raw(text + "\n")
    }

    /// Writes text as it is; what standard output does not take makes the program fail in the end.
    ///
    /// Sentences to people are no part of a result: that nobody hears them is no failure.
    func raw(_ text: String) {
        do {
            try descriptor.writeAll(text.utf8)
        } catch {
            if descriptor == .standardOutput { StandardStreams.lostOutput(error as? Errno ?? .ioError) }
        }
    }

    /// Writes a sentence behind a mark; a terminal breaks it between words and keeps its left edge.
    ///
    /// What goes to a file or a program stays one line, so that it can be searched.
    func item(_ mark: String, _ text: String, paint: (String) -> String = { $0 }, wholly: Bool = false) {
        guard isInteractive else { return line(paint(mark) + (wholly ? paint(text) : text)) }
        let room = max(20, width - mark.count)
        var rows = [""]
        // A percent sign stays with its number.
        for word in text.replacing(" %", with: "\u{A0}%").split(separator: " ") {
            let row = rows[rows.count - 1]
            if row.isEmpty {
                rows[rows.count - 1] = String(word)
            } else if row.count + 1 + word.count <= room {
                rows[rows.count - 1] = row + " " + word
            } else {
                rows.append(String(word))
            }
        }
        let edge = String(repeating: " ", count: mark.count)
        for (index, row) in rows.enumerated() {
            let words = row.replacing("\u{A0}%", with: " %")
            line((index == 0 ? paint(mark) : edge) + (wholly ? paint(words) : words))
        }
    }

    func bold(_ text: String) -> String { paint(text, "1") }
    func dim(_ text: String) -> String { paint(text, "2") }
    func good(_ text: String) -> String { paint(text, "32") }
    func bad(_ text: String) -> String { paint(text, "31") }
    func caution(_ text: String) -> String { paint(text, "33") }

    private func paint(_ text: String, _ code: String) -> String {
        colored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

/// Lays rows out in aligned columns; the first column is left-aligned, numbers to the right.
func aligned(_ rows: [[String]], leading: Set<Int> = [0], gap: String = "  ") -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
        rows.map { column < $0.count ? visibleWidth($0[column]) : 0 }.max() ?? 0
    }
    return rows.map { row in
        let cells = row.enumerated().map { column, cell in
            let padding = String(repeating: " ", count: widths[column] - visibleWidth(cell))
            return leading.contains(column) ? cell + padding : padding + cell
        }
        var line = cells.joined(separator: gap)
        while line.last == " " { line.removeLast() }
        return line
    }
}

/// Characters that take a column, without the colour codes around them.
private func visibleWidth(_ text: String) -> Int {
    var count = 0
    var inEscape = false
    for character in text {
        if character == "\u{1B}" { inEscape = true } else if !inEscape { count += 1 }
        if inEscape, character == "m" { inEscape = false }
    }
    return count
}

/// Draws values as one line of eighth blocks, scaled from zero to the largest.
func sparkline(_ values: [Double], width: Int) -> String {
    guard let largest = values.max(), largest > 0 else { return "" }
    let blocks = Array("▁▂▃▄▅▆▇█")
    let cells = min(width, values.count)
    return String(
        (0..<cells).map { cell in
            let slice = values[(cell * values.count / cells)..<((cell + 1) * values.count / cells)]
            let mean = slice.reduce(0, +) / Double(max(1, slice.count))
            return blocks[min(7, max(0, Int(mean / largest * 7.999)))]
        }
    )
}
