import Configuration
import Ledger

extension Plan {
    /// Reads `commands`: for a factor the words that each of its levels stands for.
    static func commands(_ node: PlanNode) throws(PlanError) -> [String: [String: [Template]]] {
        var commands: [String: [String: [Template]]] = [:]
        for (factor, _, levels) in try node.members() {
            commands[factor] = [:]
            for (level, _, words) in try levels.members() {
                var templates: [Template] = []
                for word in try words.entries() { templates.append(Template(try word.text())) }
                commands[factor]?[level] = templates
            }
        }
        return commands
    }

    /// The program and its arguments: places filled, and where an item is the place of a factor with `commands`, the
    /// words of its level instead.
    func words(with values: [String: String]) -> [String] {
        workload.command.flatMap { item in
            guard let factor = item.onlyPlace, let level = values[factor], let words = commands[factor]?[level] else {
                return [item.filled(with: values)]
            }
            return words.map { $0.filled(with: values) }
        }
    }

    /// The templates of `commands` with the nodes that they stand at.
    func commandTemplates(_ nodes: [String: PlanNode]) throws(PlanError) -> [(Template, PlanNode)] {
        var templates: [(Template, PlanNode)] = []
        for (_, _, levels) in try nodes["commands"]?.members() ?? [] {
            for (_, _, words) in try levels.members() {
                for word in try words.entries() { templates.append((Template(try word.text()), word)) }
            }
        }
        return templates
    }

    /// Finds levels without a command, commands without a level, and places where several words cannot stand.
    func checkCommands(
        _ nodes: [String: PlanNode],
        workload templates: [(Template, PlanNode)]
    ) throws(PlanError) {
        for (name, line, node) in try nodes["commands"]?.members() ?? [] {
            guard let factor = factors.first(where: { $0.name == name }) else {
                throw PlanError(
                    path: path,
                    line: line,
                    problem: "`commands` names `\(name)`, which is no factor.",
                    remedy: "The factors are \(factors.map(\.name).joined(separator: ", "))."
                )
            }
            for (level, line, _) in try node.members() where !factor.levels.contains(level) {
                throw PlanError(
                    path: path,
                    line: line,
                    problem: "The factor `\(name)` has no level `\(level)`.",
                    remedy: "Its levels are \(factor.levels.joined(separator: ", "))."
                )
            }
            for level in factor.levels where commands[name]?[level] == nil {
                throw PlanError(
                    path: path,
                    line: line,
                    problem: "The level `\(level)` of `\(name)` has no command.",
                    remedy: "Add a line `\(level): [program, argument, ...]`."
                )
            }
        }
        let items = Set(workload.command.compactMap(\.onlyPlace))
        let inside = try commandTemplates(nodes).map { (isItem: false, $0.0, $0.1) }
        let outside = templates.map { (isItem: $0.0.onlyPlace.map(items.contains) ?? false, $0.0, $0.1) }
        for (isItem, template, node) in outside + inside where !isItem {
            guard let place = template.places.first(where: { commands[$0] != nil }) else { continue }
            throw PlanError(
                path: path,
                line: node.line,
                problem: "{\(place)} stands for several words and cannot be a part of one.",
                remedy: "Make it an item of the command by itself."
            )
        }
    }
}
