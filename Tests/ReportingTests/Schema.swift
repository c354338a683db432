import Foundation

/// A schema file of `Reports/Schemas`, and what a document lacks by it.
///
/// It knows the keywords that those files use and names any other as a fault, so that no rule is passed over.
struct Schema {
    private let file: String
    private let root: [String: Any]

    /// The schema in the file of this name.
    init(_ file: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Reports/Schemas").standardizedFileURL
        let data = try Data(contentsOf: folder.appendingPathComponent(file))
        self.file = file
        root = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }

    /// Faults of a document, each with its place.
    func faults(of document: Any) throws -> [String] { try faults(document, root, at: file) }

    private func faults(_ value: Any, _ schema: [String: Any], at place: String) throws -> [String] {
        var found: [String] = []
        for (keyword, rule) in schema {
            switch keyword {
            case "$schema", "$defs", "title", "description": continue
            case "$ref": found += try faults(value, reference: rule as? String ?? "", at: place)
            case "type":
                let names = rule as? [String] ?? [rule as? String ?? ""]
                if !names.contains(where: { has(value, type: $0) }) { found.append("\(place): not \(names)") }
            case "const", "enum":
                let allowed = rule as? [Any] ?? [rule]
                if !allowed.contains(where: { same($0, value) }) {
                    found.append("\(place): \(value) not in \(allowed)")
                }
            case "required":
                guard let object = value as? [String: Any] else { continue }
                let missing = (rule as? [String] ?? []).filter { object[$0] == nil }
                found += missing.map { "\(place): no \($0)" }
            case "properties":
                guard let object = value as? [String: Any], let rules = rule as? [String: [String: Any]] else {
                    continue
                }
                for (name, member) in object {
                    guard let own = rules[name] else { continue }
                    found += try faults(member, own, at: "\(place)/\(name)")
                }
            case "additionalProperties":
                guard let object = value as? [String: Any], let own = rule as? [String: Any] else { continue }
                for (name, member) in object { found += try faults(member, own, at: "\(place)/\(name)") }
            case "items":
                guard let array = value as? [Any], let own = rule as? [String: Any] else { continue }
                for (index, member) in array.enumerated() { found += try faults(member, own, at: "\(place)/\(index)") }
            default: found.append("\(place): the keyword \(keyword) is not known")
            }
        }
        return found
    }

    /// A reference is a file, a definition behind `#/$defs/`, or both.
    private func faults(_ value: Any, reference: String, at place: String) throws -> [String] {
        let parts = reference.components(separatedBy: "#/$defs/")
        let schema = parts[0].isEmpty ? self : try Schema(parts[0])
        let definitions = schema.root["$defs"] as? [String: [String: Any]]
        let target = parts.count > 1 ? definitions?[parts[1]] : schema.root
        guard let target else { return ["\(place): \(reference) leads nowhere"] }
        return try schema.faults(value, target, at: place)
    }

    private func has(_ value: Any, type: String) -> Bool {
        switch type {
        case "object": return value is [String: Any]
        case "array": return value is [Any]
        case "string": return value is String
        case "null": return value is NSNull
        case "boolean": return isBoolean(value)
        case "number": return value is NSNumber && !isBoolean(value)
        case "integer":
            guard let number = value as? NSNumber, !isBoolean(value) else { return false }
            return number.doubleValue == number.doubleValue.rounded()
        default: return false
        }
    }

    /// Foundation reads `true` as a number of the type of a C character.
    private func isBoolean(_ value: Any) -> Bool {
        guard let number = value as? NSNumber else { return false }
        return unsafe String(cString: number.objCType) == "c"
    }

    private func same(_ a: Any, _ b: Any) -> Bool {
        (a is NSNull && b is NSNull) || (a as? String).map { $0 == b as? String } ?? false
    }
}
