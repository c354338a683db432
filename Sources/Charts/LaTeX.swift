/// Text that LaTeX sets as it is: no command, no mathematics, no comment of its own.
///
/// Every engine sets letters of Latin script. What pdfLaTeX has no glyph for is handed to the macro
/// `\wattbookchar{CODE}{CHARACTER}`, which shows the character in engines of Unicode and its code elsewhere.
package func latex(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\": result += "\\textbackslash{}"
        case "{", "}", "$", "&", "#", "%", "_": result += "\\" + String(scalar)
        case "~": result += "\\textasciitilde{}"
        case "^": result += "\\textasciicircum{}"
        case "<", ">", "|": result += "\\(" + (scalar == "|" ? "\\vert" : String(scalar)) + "\\)"
        case "\"": result += "\\char34{}"
        // Straight, so that a command can be copied; a pair of dashes stays a pair.
        case "'": result += "\\textquotesingle{}"
        case "`": result += "\\textasciigrave{}"
        case "-": result += result.hasSuffix("-") ? "{}-" : "-"
        // At the start of a row of a table a bracket would be its distance, an asterisk a command.
        case "[", "]", "*": result += "{\(scalar)}"
        case "\t", "\n", "\r": result += " "
        case " "..."~": result.unicodeScalars.append(scalar)
        case "\u{0}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": continue
        default: result += symbols[scalar] ?? letter(scalar)
        }
    }
    return result
}

/// Signs that reports use, in commands of every LaTeX.
private let symbols: [Unicode.Scalar: String] = [
    "\u{A0}": "~", "±": "\\(\\pm\\)", "×": "\\(\\times\\)", "·": "\\(\\cdot\\)", "÷": "\\(\\div\\)", "µ": "\\(\\mu\\)",
    "μ": "\\(\\mu\\)", "°": "\\(^\\circ\\)", "²": "\\(^2\\)", "³": "\\(^3\\)", "–": "--", "—": "---", "…": "\\ldots{}",
    "≤": "\\(\\le\\)", "≥": "\\(\\ge\\)", "≈": "\\(\\approx\\)", "≠": "\\(\\ne\\)", "−": "\\(-\\)",
    "←": "\\(\\leftarrow\\)", "→": "\\(\\rightarrow\\)", "‘": "`", "’": "'", "“": "``", "”": "''", "√": "\\(\\surd\\)",
    "σ": "\\(\\sigma\\)", "Δ": "\\(\\Delta\\)", "α": "\\(\\alpha\\)", "β": "\\(\\beta\\)", "₂": "\\(_2\\)",
    "\u{2009}": "\\,", "\u{202F}": "\\,", "\u{2011}": "-",
]

/// A letter that pdfLaTeX has in its first font, else the macro for one that it may lack.
private func letter(_ scalar: Unicode.Scalar) -> String {
    let lacking = "ÐðÞþĐđŊŋĸŉſĄąĘęĮįŲų×÷"
    let isLatin = ("\u{C0}"..."\u{17F}").contains(scalar) && !lacking.unicodeScalars.contains(scalar)
    if isLatin { return String(scalar) }
    return "\\wattbookchar{U+\(String(scalar.value, radix: 16, uppercase: true))}{\(scalar)}"
}
