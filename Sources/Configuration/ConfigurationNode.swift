import Quantities
import Yams

/// A value of a user's YAML file with its place, read as what the reader asks for or refused with the line.
package struct ConfigurationNode {
    /// What a kind of file is called, and what its messages tell to do.
    package struct Kind: Sendable {
        /// With its article, as `A plan`.
        package var noun: String
        /// How such a file begins: a sentence.
        package var opening: String
        /// What to do about a line that is wrong: a sentence.
        package var correction: String

        /// A kind of file; the arguments are the properties of the same names.
        package init(noun: String, opening: String, correction: String) {
            self.noun = noun
            self.opening = opening
            self.correction = correction
        }
    }

    let node: Node
    /// The keys that lead here, as `workload.command`.
    package let name: String
    package let path: String
    let kind: Kind

    /// The document's root; an error that names the line where it is no YAML.
    package init(text: String, path: String, kind: Kind) throws(ConfigurationError) {
        let root: Node?
        do {
            root = try compose(yaml: text)
        } catch let error as YamlError {
            throw Self.syntax(error, path: path)
        } catch {
            throw ConfigurationError(
                path: path,
                line: 0,
                problem: "It is no YAML: \(error).",
                remedy: "Mend its syntax."
            )
        }
        guard let root, root.mapping != nil else {
            throw ConfigurationError(
                path: path,
                line: root?.mark?.line ?? 1,
                problem: "\(kind.noun) is a mapping of keys to values.",
                remedy: kind.opening
            )
        }
        self.init(node: root, name: "", path: path, kind: kind)
    }

    private init(node: Node, name: String, path: String, kind: Kind) {
        (self.node, self.name, self.path, self.kind) = (node, name, path, kind)
    }

    /// The line of the value, from 1.
    package var line: Int { node.mark?.line ?? 0 }

    /// The members, whose keys must be among `known` where it is given; each with the line of its key.
    package func members(
        _ known: [String]? = nil
    ) throws(ConfigurationError) -> [(key: String, line: Int, value: ConfigurationNode)] {
        guard let mapping = node.mapping else { throw error("must be a mapping of keys to values") }
        var members: [(key: String, line: Int, value: ConfigurationNode)] = []
        for (key, value) in mapping {
            let text = key.scalar?.string ?? ""
            let line = key.mark?.line ?? self.line
            if let known, !known.contains(text) {
                let prefix = name.isEmpty ? "" : " in `\(name)`"
                throw ConfigurationError(
                    path: path,
                    line: line,
                    problem: "The key `\(text)`\(prefix) is unknown.",
                    remedy: nearest(text, among: known).map { "Did you mean `\($0)`?" }
                        ?? "The keys are \(known.joined(separator: ", "))."
                )
            }
            let full = name.isEmpty ? text : name + "." + text
            members.append((text, line, ConfigurationNode(node: value, name: full, path: path, kind: kind)))
        }
        return members
    }

    /// The entries of a list.
    package func entries() throws(ConfigurationError) -> [ConfigurationNode] {
        guard let sequence = node.sequence else { throw error("must be a list, as [a, b]") }
        return sequence.map { ConfigurationNode(node: $0, name: name, path: path, kind: kind) }
    }

    /// A scalar as it is written, so that `no` and `1e-3` stay what the author typed.
    package func text() throws(ConfigurationError) -> String {
        guard let scalar = node.scalar, !(scalar.string.isEmpty && scalar.style == .plain) else {
            throw error("must be a single value")
        }
        return scalar.string
    }

    /// A whole number not below `least`.
    package func integer(least: Int) throws(ConfigurationError) -> Int {
        guard let value = Int(try text()), value >= least else {
            throw error("must be a whole number, \(least) or more")
        }
        return value
    }

    /// A finite number.
    package func number() throws(ConfigurationError) -> Double {
        guard let value = Double(try text()), value.isFinite else { throw error("must be a number") }
        return value
    }

    /// `true` or `false`.
    package func flag() throws(ConfigurationError) -> Bool {
        switch try text() {
        case "true": return true
        case "false": return false
        default: throw error("must be true or false")
        }
    }

    /// A span of time in nanoseconds, as `2s`.
    package func time() throws(ConfigurationError) -> Int64 {
        let text = try text()
        guard let span = nanoseconds(text) else { throw error("must be a time with its unit, as 500ms, 2s or 1m") }
        return span
    }

    /// An error at this value.
    package func error(_ problem: String, remedy: String? = nil) -> ConfigurationError {
        ConfigurationError(
            path: path,
            line: line,
            problem: "`\(name)` \(problem).",
            remedy: remedy ?? kind.correction
        )
    }

    private static func syntax(_ error: YamlError, path: String) -> ConfigurationError {
        var (line, problem) = (0, "\(error)")
        switch error {
        case .scanner(_, let text, let mark, _), .parser(_, let text, let mark, _), .composer(_, let text, let mark, _):
            (line, problem) = (mark.line, text)
        case .duplicatedKeysInMapping(let keys, let context):
            (line, problem) = (context.mark.line, "the key \(keys.joined(separator: ", ")) stands twice")
        default: break
        }
        return ConfigurationError(
            path: path,
            line: line,
            problem: "It is no YAML: \(problem).",
            remedy: "Mend its syntax."
        )
    }
}
