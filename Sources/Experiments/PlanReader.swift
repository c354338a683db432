import Quantities
import Yams

/// A value of a plan with its place, read as what the reader asks for or refused with the line.
struct PlanNode {
    let node: Node
    /// The keys that lead here, as `workload.command`.
    let name: String
    let path: String

    /// The document's root; an error that names the line where it is no YAML.
    init(text: String, path: String) throws(PlanError) {
        let root: Node?
        do {
            root = try compose(yaml: text)
        } catch let error as YamlError {
            throw Self.syntax(error, path: path)
        } catch {
            throw PlanError(path: path, line: 0, problem: "It is no YAML: \(error).", remedy: "Mend its syntax.")
        }
        guard let root, root.mapping != nil else {
            throw PlanError(
                path: path,
                line: root?.mark?.line ?? 1,
                problem: "A plan is a mapping of keys to values.",
                remedy: "Begin with `name:` and `workload:`; see `wattbook experiment --help`."
            )
        }
        self.init(node: root, name: "", path: path)
    }

    private init(node: Node, name: String, path: String) {
        (self.node, self.name, self.path) = (node, name, path)
    }

    /// The line of the value, from 1.
    var line: Int { node.mark?.line ?? 0 }

    /// The members, whose keys must be among `known` where it is given; each with the line of its key.
    func members(_ known: [String]? = nil) throws(PlanError) -> [(key: String, line: Int, value: PlanNode)] {
        guard let mapping = node.mapping else { throw error("must be a mapping of keys to values") }
        var members: [(key: String, line: Int, value: PlanNode)] = []
        for (key, value) in mapping {
            let text = key.scalar?.string ?? ""
            let line = key.mark?.line ?? self.line
            if let known, !known.contains(text) {
                let prefix = name.isEmpty ? "" : " in `\(name)`"
                throw PlanError(
                    path: path,
                    line: line,
                    problem: "The key `\(text)`\(prefix) is unknown.",
                    remedy: nearest(text, among: known).map { "Did you mean `\($0)`?" }
                        ?? "The keys are \(known.joined(separator: ", "))."
                )
            }
            let full = name.isEmpty ? text : name + "." + text
            members.append((text, line, PlanNode(node: value, name: full, path: path)))
        }
        return members
    }

    /// The entries of a list.
    func entries() throws(PlanError) -> [PlanNode] {
        guard let sequence = node.sequence else { throw error("must be a list, as [a, b]") }
        return sequence.map { PlanNode(node: $0, name: name, path: path) }
    }

    /// A scalar as it is written, so that `no` and `1e-3` stay what the author typed.
    func text() throws(PlanError) -> String {
        guard let scalar = node.scalar, !(scalar.string.isEmpty && scalar.style == .plain) else {
            throw error("must be a single value")
        }
        return scalar.string
    }

    /// A whole number not below `least`.
    func integer(least: Int) throws(PlanError) -> Int {
        guard let value = Int(try text()), value >= least else {
            throw error("must be a whole number, \(least) or more")
        }
        return value
    }

    /// A finite number.
    func number() throws(PlanError) -> Double {
        guard let value = Double(try text()), value.isFinite else { throw error("must be a number") }
        return value
    }

    /// `true` or `false`.
    func flag() throws(PlanError) -> Bool {
        switch try text() {
        case "true": return true
        case "false": return false
        default: throw error("must be true or false")
        }
    }

    /// A span of time in nanoseconds, as `2s`.
    func time() throws(PlanError) -> Int64 {
        let text = try text()
        guard let span = nanoseconds(text) else { throw error("must be a time with its unit, as 500ms, 2s or 1m") }
        return span
    }

    /// An error at this value.
    func error(_ problem: String, remedy: String? = nil) -> PlanError {
        PlanError(
            path: path,
            line: line,
            problem: "`\(name)` \(problem).",
            remedy: remedy ?? "Correct the line; nothing was run."
        )
    }

    private static func syntax(_ error: YamlError, path: String) -> PlanError {
        var (line, problem) = (0, "\(error)")
        switch error {
        case .scanner(_, let text, let mark, _), .parser(_, let text, let mark, _), .composer(_, let text, let mark, _):
            (line, problem) = (mark.line, text)
        case .duplicatedKeysInMapping(let keys, let context):
            (line, problem) = (context.mark.line, "the key \(keys.joined(separator: ", ")) stands twice")
        default: break
        }
        return PlanError(path: path, line: line, problem: "It is no YAML: \(problem).", remedy: "Mend its syntax.")
    }
}

/// The known word within two edits of a mistyped one (Levenshtein distance, adjacent swaps counting one).
private func nearest(_ word: String, among known: [String]) -> String? {
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
