/// Reads one line of a marks file.
///
/// Parsed by bytes: names and numbers are ASCII, and only quoted values hold anything else.
struct MarkParser {
    private var rest: Substring.UTF8View

    /// The mark that a line holds; `nil` where it does not parse.
    ///
    /// Control characters stand in no line: they would end names in C and move the cursor of terminals.
    static func mark(from line: Substring) -> Mark? {
        guard !line.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
        var parser = MarkParser(rest: line.utf8)
        guard let time = parser.word().flatMap({ Int64($0) }), time >= 0,
            let writer = parser.word().flatMap(writer),
            let verb = parser.word(),
            let event = parser.event(verb)
        else { return nil }
        return Mark(time: time, pid: writer.pid, tid: writer.tid, event: event)
    }

    private static func writer(_ word: Substring) -> (pid: Int32, tid: Int32)? {
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let pid = Int32(parts[0]), let tid = Int32(parts[1]), pid >= 0, tid >= 0 else {
            return nil
        }
        return (pid, tid)
    }

    private mutating func event(_ verb: Substring) -> Mark.Event? {
        switch verb {
        case "begin":
            guard let region = regionName(), let attributes = pairs() else { return nil }
            return .begin(region: region, attributes: attributes)
        case "end":
            guard let region = regionName(), word() == nil else { return nil }
            return .end(region: region)
        case "count":
            return values { Int($0) }.map { .count($0) }
        case "metric":
            return values { Double($0).flatMap { $0.isFinite ? $0 : nil } }.map { .metric($0) }
        case "info":
            guard let pairs = pairs(), !pairs.isEmpty else { return nil }
            return .info(pairs)
        default:
            return nil
        }
    }

    private mutating func regionName() -> String? {
        guard let name = word(), !name.contains("/"), !name.contains("\"") else { return nil }
        return String(name)
    }

    private mutating func values<Value>(_ convert: (String) -> Value?) -> [String: Value]? {
        guard let pairs = pairs(), !pairs.isEmpty else { return nil }
        var values: [String: Value] = [:]
        for (name, text) in pairs {
            guard let value = convert(text) else { return nil }
            values[name] = value
        }
        return values
    }

    /// The `key=value` pairs up to the end of the line.
    private mutating func pairs() -> [String: String]? {
        var pairs: [String: String] = [:]
        skipSpaces()
        while !rest.isEmpty {
            guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let key = rest[..<equals]
            guard !key.isEmpty, !key.contains(where: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\"") }) else {
                return nil
            }
            rest = rest[rest.index(after: equals)...]
            guard let value = rest.first == UInt8(ascii: "\"") ? quoted() : plain() else { return nil }
            pairs[String(Substring(key))] = value
            skipSpaces()
        }
        return pairs
    }

    private mutating func skipSpaces() {
        rest = rest.drop { $0 == UInt8(ascii: " ") }
    }

    private mutating func word() -> Substring? {
        skipSpaces()
        let word = rest.prefix { $0 != UInt8(ascii: " ") }
        rest = rest[word.endIndex...]
        return word.isEmpty ? nil : Substring(word)
    }

    private mutating func plain() -> String? {
        let value = rest.prefix { $0 != UInt8(ascii: " ") }
        guard !value.contains(UInt8(ascii: "\"")) else { return nil }
        rest = rest[value.endIndex...]
        return String(Substring(value))
    }

    /// A value in double quotes with the escapes of JSON (RFC 8259, section 7).
    private mutating func quoted() -> String? {
        rest.removeFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                guard rest.isEmpty || rest.first == UInt8(ascii: " ") else { return nil }
                return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escape() else { return nil }
                bytes.append(contentsOf: String(scalar).utf8)
            default:
                bytes.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
        switch rest.popFirst() {
        case UInt8(ascii: "\""): "\""
        case UInt8(ascii: "\\"): "\\"
        case UInt8(ascii: "/"): "/"
        case UInt8(ascii: "b"): "\u{8}"
        case UInt8(ascii: "f"): "\u{C}"
        case UInt8(ascii: "n"): "\n"
        case UInt8(ascii: "r"): "\r"
        case UInt8(ascii: "t"): "\t"
        case UInt8(ascii: "u"): unicodeEscape()
        default: nil
        }
    }

    /// Four hexadecimal digits, or two such escapes that make a surrogate pair.
    private mutating func unicodeEscape() -> Unicode.Scalar? {
        guard let high = hexadecimal() else { return nil }
        guard UTF16.isLeadSurrogate(high) else { return Unicode.Scalar(high) }
        guard rest.popFirst() == UInt8(ascii: "\\"), rest.popFirst() == UInt8(ascii: "u"), let low = hexadecimal(),
            UTF16.isTrailSurrogate(low)
        else { return nil }
        return UTF16.decode(UTF16.EncodedScalar([high, low]))
    }

    private mutating func hexadecimal() -> UInt16? {
        let digits = rest.prefix(4)
        guard digits.count == 4, digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else {
            return nil
        }
        rest = rest.dropFirst(4)
        return UInt16(Substring(digits), radix: 16)
    }
}
