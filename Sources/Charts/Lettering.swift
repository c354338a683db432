// How much room words take. A renderer that runs nowhere near a font must guess; it guesses a little too wide.

/// The width of `text` in pixels at a font size in pixels, for a common sans-serif face.
func textWidth(_ text: String, size: Double = 12) -> Double {
    var ems = 0.0
    for scalar in text.unicodeScalars {
        switch scalar {
        case "i", "l", "j", "t", "f", "r", "I", " ", ".", ",", ":", ";", "|", "'", "(", ")", "/", "-": ems += 0.36
        case "m", "w", "M", "W", "@", "%", "–", "—": ems += 0.92
        case "A"..."Z": ems += 0.7
        case "\u{1100}"...: ems += 1.0
        default: ems += 0.58
        }
    }
    return ems * size
}

/// `text`, cut with an ellipsis to at most `width` pixels.
func fitted(_ text: String, to width: Double, size: Double = 12) -> String {
    guard textWidth(text, size: size) > width else { return text }
    var cut = text
    while !cut.isEmpty, textWidth(cut + "…", size: size) > width { cut.removeLast() }
    return cut.isEmpty ? "" : cut + "…"
}

/// The legend's entries in rows that fit: each row holds indices with their left edges in pixels.
func legendRows(_ labels: [String], width: Double, swatch: Double = 18, gap: Double = 16) -> [[(index: Int, x: Double)]]
{
    var rows: [[(index: Int, x: Double)]] = []
    var row: [(index: Int, x: Double)] = []
    var x = 0.0
    for (index, label) in labels.enumerated() {
        let need = swatch + min(textWidth(label), width - swatch)
        if x + need > width, !row.isEmpty {
            rows.append(row)
            row = []
            x = 0
        }
        row.append((index, x))
        x += need + gap
    }
    if !row.isEmpty { rows.append(row) }
    return rows
}
