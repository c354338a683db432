/// Finds the values of a JSON text, each before what it holds, keys before their values.
struct JSONReader {
    /// Deeper nesting than any record has is damage, and would exhaust the stack.
    private static let deepest = 64

    private let bytes: [UInt8]
    private(set) var nodes: [JSONText.Node] = []
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        nodes.reserveCapacity(bytes.count / 8)
    }

    /// Whether the text is one value and nothing else.
    mutating func readAll() -> Bool {
        guard readValue(depth: 0) else { return false }
        skipSpaces()
        return position == bytes.count
    }

    /// The next byte; at the end one that begins no value and ends no list.
    private var byte: UInt8 { position < bytes.count ? bytes[position] : 0 }

    private mutating func skipSpaces() {
        while byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func readValue(depth: Int) -> Bool {
        skipSpaces()
        let index = nodes.count
        let isRead =
            switch byte {
            case UInt8(ascii: "{"): readList(.object, depth: depth)
            case UInt8(ascii: "["): readList(.array, depth: depth)
            case UInt8(ascii: "\""): readString()
            case UInt8(ascii: "t"): readWord("true", .yes)
            case UInt8(ascii: "f"): readWord("false", .no)
            case UInt8(ascii: "n"): readWord("null", .null)
            default: readNumber()
            }
        guard isRead else { return false }
        nodes[index].next = Int32(nodes.count)
        return true
    }

    private mutating func readList(_ kind: JSONText.Kind, depth: Int) -> Bool {
        guard depth < Self.deepest else { return false }
        let close = kind == .object ? UInt8(ascii: "}") : UInt8(ascii: "]")
        add(kind, from: position)
        position += 1
        skipSpaces()
        if byte == close {
            position += 1
            return true
        }
        while true {
            if kind == .object {
                skipSpaces()
                guard readString() else { return false }
                nodes[nodes.count - 1].next = Int32(nodes.count)
                skipSpaces()
                guard byte == UInt8(ascii: ":") else { return false }
                position += 1
            }
            guard readValue(depth: depth + 1) else { return false }
            skipSpaces()
            let separator = byte
            position += 1
            if separator == close { return true }
            guard separator == UInt8(ascii: ",") else { return false }
        }
    }

    private mutating func readString() -> Bool {
        guard byte == UInt8(ascii: "\"") else { return false }
        position += 1
        let start = position
        var isEscaped = false
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            let isEscape = bytes[position] == UInt8(ascii: "\\")
            isEscaped = isEscaped || isEscape
            position += isEscape ? 2 : 1
        }
        guard position < bytes.count else { return false }
        add(.string, from: start, isEscaped: isEscaped)
        position += 1
        return true
    }

    private mutating func readWord(_ word: String, _ kind: JSONText.Kind) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        add(kind, from: position)
        position += word.utf8.count
        return true
    }

    private mutating func readNumber() -> Bool {
        let start = position
        while isPartOfNumber(byte) { position += 1 }
        add(.number, from: start)
        return position > start
    }

    private mutating func add(_ kind: JSONText.Kind, from start: Int, isEscaped: Bool = false) {
        nodes.append(JSONText.Node(kind: kind, isEscaped: isEscaped, start: Int32(start), end: Int32(position)))
    }

    private func isPartOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }
}
