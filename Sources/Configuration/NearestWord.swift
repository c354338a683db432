/// The known word within two edits of a mistyped one (Levenshtein distance, adjacent swaps counting one).
func nearest(_ word: String, among known: [String]) -> String? {
    known.map { ($0, distance(Array(word), Array($0))) }.filter { $0.1 <= 2 }.min { $0.1 < $1.1 }?.0
}

private func distance(_ a: [Character], _ b: [Character]) -> Int {
    var rows = [Array(0...b.count)]
    for i in 1..<(a.count + 1) {
        var row = [i]
        for j in 1..<(b.count + 1) {
            var least = min(row[j - 1] + 1, rows[i - 1][j] + 1, rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { least = min(least, rows[i - 2][j - 2] + 1) }
            row.append(least)
        }
        rows.append(row)
    }
    return rows[a.count][b.count]
}

/// The known words that are most like `word`, the most alike first.
package func nearestWords(_ word: String, among known: [String], count: Int = 3) -> [String] {
    known.map { (distance(Array(word), Array($0)), $0) }.sorted { $0 < $1 }.prefix(count).map(\.1)
}
