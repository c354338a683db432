/// A JSON value whose members keep their order, so that a document is the same bytes every time.
package indirect enum JSON {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([(String, JSON)])

    /// A number; `null` where it is unknown or not finite.
    package static func number(orNull value: Double?) -> JSON {
        guard let value, value.isFinite else { return .null }
        return .number(value)
    }

    package static func string(orNull value: String?) -> JSON { value.map(JSON.string) ?? .null }

    package static func strings(_ values: [String]) -> JSON { .array(values.map(JSON.string)) }

    /// Members in the order of their keys.
    package static func dictionary<Value>(_ values: [String: Value], _ convert: (Value) -> JSON) -> JSON {
        .object(values.sorted { $0.key < $1.key }.map { ($0.key, convert($0.value)) })
    }

    /// The document with two spaces a level and a line feed at its end.
    package var text: String {
        var result = ""
        write(to: &result, indent: 0)
        return result + "\n"
    }

    private func write(to result: inout String, indent: Int) {
        switch self {
        case .null: result += "null"
        case .bool(let value): result += value ? "true" : "false"
        case .integer(let value): result += String(value)
        // Swift's description is the shortest text that reads back as the same double, in any locale.
        case .number(let value): result += value.isFinite ? "\(value)" : "null"
        case .string(let value): result += JSON.quoted(value)
        case .array(let values):
            JSON.write(values.map { (nil, $0) }, between: "[", and: "]", to: &result, indent: indent)
        case .object(let members):
            JSON.write(members.map { ($0.0, $0.1) }, between: "{", and: "}", to: &result, indent: indent)
        }
    }

    private static func write(
        _ members: [(key: String?, value: JSON)],
        between open: String,
        and close: String,
        to result: inout String,
        indent: Int
    ) {
        guard !members.isEmpty else {
            result += open + close
            return
        }
        let line = "\n" + String(repeating: "  ", count: indent + 1)
        result += open
        for (index, member) in members.enumerated() {
            result += index == 0 ? line : "," + line
            if let key = member.key { result += quoted(key) + ": " }
            member.value.write(to: &result, indent: indent + 1)
        }
        result += "\n" + String(repeating: "  ", count: indent) + close
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..."\u{1F}", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
