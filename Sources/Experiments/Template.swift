/// A text with places for values, as `--precision={precision}`.
///
/// `{name}` is a place where `name` is a letter or `_`, then letters, digits, `_`, `-`; `{{` and `}}` are braces.
/// Every other brace stands for itself, so that most programs in quotes can be written as they are.
public struct Template: Sendable, Hashable {
    private enum Part: Sendable, Hashable {
        case text(String)
        case place(String)
    }

    private var parts: [Part] = []

    /// Takes a text apart.
    public init(_ text: String) {
        var literal = ""
        var rest = Substring(text)
        while let first = rest.first {
            if rest.hasPrefix("{{") || rest.hasPrefix("}}") {
                literal.append(first)
                rest.removeFirst(2)
            } else if first == "{", let name = Self.name(rest.dropFirst()) {
                if !literal.isEmpty { parts.append(.text(literal)) }
                literal = ""
                parts.append(.place(name))
                rest.removeFirst(name.count + 2)
            } else {
                literal.append(first)
                rest.removeFirst()
            }
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
    }

    /// The names of its places, in order.
    public var places: [String] {
        parts.compactMap { part in
            guard case .place(let name) = part else { return nil }
            return name
        }
    }

    /// The name of its place, where it is nothing else.
    var onlyPlace: String? {
        guard parts.count == 1, case .place(let name) = parts[0] else { return nil }
        return name
    }

    /// The text with the places filled; a place without a value stays as it was written.
    public func filled(with values: [String: String]) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .place(let name): values[name] ?? "{\(name)}"
            }
        }.joined()
    }

    private static func name(_ text: Substring) -> String? {
        let name = text.prefix { ($0.isASCII && ($0.isLetter || $0.isNumber)) || $0 == "_" || $0 == "-" }
        guard let first = name.first, first.isLetter || first == "_", text.dropFirst(name.count).first == "}" else {
            return nil
        }
        return String(name)
    }
}
