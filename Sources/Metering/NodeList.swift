/// Node names as batch systems write them: `node[1-3,07],gpu1`.
public enum NodeList {
    /// The names that a list stands for, in its order; `nil` where it is none.
    ///
    /// A list of more than a million names is taken for a mistake.
    public static func expanded(_ text: String) -> [String]? {
        var names: [String] = []
        for word in words(text) {
            guard let some = expanded(word: word), names.count + some.count <= 1_000_000 else { return nil }
            names += some
        }
        return names.isEmpty ? nil : names
    }

    /// Names as one list, numbers in order and runs of them as ranges: `node[1-3]`.
    public static func compressed(_ names: some Sequence<String>) -> String {
        var groups: [String: [(number: Int, digits: Int)]] = [:]
        for name in Set(names) {
            let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
            let stem = String(name.dropLast(digits))
            guard digits > 0, let number = Int(name.suffix(digits)) else {
                groups[name] = groups[name] ?? []
                continue
            }
            // Leading zeros belong to the name: `07` is not `7`.
            let width = name.suffix(digits).hasPrefix("0") ? digits : 0
            groups[stem, default: []].append((number, width))
        }
        return groups.sorted { $0.key < $1.key }.map { stem, numbers in
            let spans = spans(numbers)
            guard !numbers.isEmpty else { return stem }
            return numbers.count == 1 ? stem + spans[0] : "\(stem)[\(spans.joined(separator: ","))]"
        }.joined(separator: ",")
    }

    private static func spans(_ numbers: [(number: Int, digits: Int)]) -> [String] {
        var spans: [(from: Int, to: Int, digits: Int)] = []
        for entry in numbers.sorted(by: { ($0.digits, $0.number) < ($1.digits, $1.number) }) {
            if let last = spans.last, last.digits == entry.digits, last.to + 1 == entry.number {
                spans[spans.count - 1].to = entry.number
            } else {
                spans.append((entry.number, entry.number, entry.digits))
            }
        }
        return spans.map { span in
            let (from, to) = (padded(span.from, span.digits), padded(span.to, span.digits))
            return from == to ? from : "\(from)-\(to)"
        }
    }

    /// Parts between commas that stand outside of brackets.
    private static func words(_ text: String) -> [Substring] {
        var depth = 0
        return text.split { character in
            depth += character == "[" ? 1 : character == "]" ? -1 : 0
            return character == "," && depth == 0
        }
    }

    private static func expanded(word: Substring) -> [String]? {
        guard let open = word.firstIndex(of: "[") else { return word.contains("]") ? nil : [String(word)] }
        guard let close = word[open...].firstIndex(of: "]") else { return nil }
        // What follows may hold brackets too, as in `rack[1-2]node[1-4]`.
        let rest = word[word.index(after: close)...]
        guard let ends = rest.isEmpty ? [""] : expanded(word: rest) else { return nil }
        var middles: [String] = []
        for span in word[word.index(after: open)..<close].split(separator: ",") {
            let edges = span.split(separator: "-", omittingEmptySubsequences: false)
            guard edges.count <= 2, let from = edges.first.flatMap({ Int($0) }),
                let to = edges.last.flatMap({ Int($0) }), from >= 0, from <= to, to - from < 1_000_000
            else { return nil }
            let width = edges[0].hasPrefix("0") ? edges[0].count : 0
            middles += (from...to).map { padded($0, width) }
        }
        return middles.flatMap { middle in ends.map { word[..<open] + middle + $0 } }
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
