import Configuration
import Foundation
import Ledger

extension Plan {
    /// Finds what the values say of each other: names without a value, values without a use, programs that are not there.
    ///
    /// `nodes` are the values of the plan by key, for their lines.
    func check(_ nodes: [String: PlanNode], searchPath: String) throws(PlanError) {
        try checkFactors(nodes)
        try checkBaseline(nodes)
        try checkPartners(nodes)
        guard let workload = nodes["workload"] else { return }
        let places = try lines(of: workload)
        try checkCommands(nodes, workload: places)
        let templates = try places + commandTemplates(nodes)
        let known = Set(parameters.keys).union(factors.map(\.name)).union(["seed"])
        for (template, node) in templates {
            for place in template.places where !known.contains(place) {
                throw PlanError(
                    path: path,
                    line: node.line,
                    problem: "The placeholder {\(place)} has no value.",
                    remedy:
                        "Add `\(place)` to the parameters or factors, or write {{\(place)}} for the braces themselves."
                )
            }
        }
        let used = Set(templates.flatMap(\.0.places))
        for (key, line) in try factorLines(nodes) where !used.contains(key) {
            throw PlanError(
                path: path,
                line: line,
                problem: "The factor `\(key)` is used nowhere, so its arms would be the same.",
                remedy: "Put {\(key)} into the command, or leave the factor out."
            )
        }
        try checkPrograms(templates[0].1, searchPath: searchPath)
    }

    private func checkFactors(_ nodes: [String: PlanNode]) throws(PlanError) {
        for (key, line) in try factorLines(nodes) {
            if key == "seed" || parameters[key] != nil {
                throw PlanError(
                    path: path,
                    line: line,
                    problem:
                        "`\(key)` cannot be a factor: \(key == "seed" ? "{seed} is drawn for every block" : "it is a parameter too").",
                    remedy: "Give one of them another name."
                )
            }
        }
    }

    private func checkBaseline(_ nodes: [String: PlanNode]) throws(PlanError) {
        for (key, line, value) in try nodes["baseline"]?.members() ?? [] {
            let factor = factors.first { $0.name == key }
            if let factor, factor.levels.contains(baseline[key] ?? "") { continue }
            throw PlanError(
                path: path,
                line: factor == nil ? line : value.line,
                problem: factor == nil
                    ? "The baseline names `\(key)`, which is no factor."
                    : "The factor `\(key)` has no level `\(baseline[key] ?? "")`.",
                remedy: factor.map { "Its levels are \($0.levels.joined(separator: ", "))." }
                    ?? "The factors are \(factors.map(\.name).joined(separator: ", "))."
            )
        }
    }

    /// Refuses a design from which nothing can follow.
    func refuseWhatCannotAnswer(_ nodes: [String: PlanNode]) throws(PlanError) {
        if let repeats = nodes["repeats"], self.repeats < 2 {
            throw repeats.error(
                "of one run an arm says nothing of chance",
                remedy: "Plan 5 or more, or run it all the same with --force."
            )
        }
        guard let factors = nodes["factors"] ?? nodes["arms"], arms.count > 1, baseline.isEmpty else { return }
        let example = self.factors.first { $0.levels.count > 1 }.map { "{\($0.name): \($0.levels[0])}" } ?? ""
        throw PlanError(
            path: path,
            line: factors.line,
            problem: "There are \(arms.count) arms and no baseline to compare them with.",
            remedy: "Add a line `baseline: \(example)`, or run it all the same with --force."
        )
    }

    /// Arms that are listed need their partners listed too.
    private func checkPartners(_ nodes: [String: PlanNode]) throws(PlanError) {
        guard let node = nodes["arms"], !baseline.isEmpty else { return }
        for (arm, entry) in zip(arms, try node.entries()) {
            let partner = arm.merging(baseline) { _, base in base }
            guard !arms.contains(partner) else { continue }
            throw PlanError(
                path: path,
                line: entry.line,
                problem: "The arm \(label(of: arm)) has no partner: \(label(of: partner)) is not listed.",
                remedy: "List it, or name a baseline by all factors."
            )
        }
    }

    /// The factors with the lines that name them first.
    private func factorLines(_ nodes: [String: PlanNode]) throws(PlanError) -> [(key: String, line: Int)] {
        if let factors = nodes["factors"] { return try factors.members().map { ($0.key, $0.line) } }
        guard let first = try nodes["arms"]?.entries().first else { return [] }
        return try first.members().map { ($0.key, $0.line) }
    }

    private func checkPrograms(_ node: PlanNode, searchPath: String) throws(PlanError) {
        for arm in arms {
            let values = parameters.merging(arm) { _, level in level }
            guard let program = words(with: values).first else {
                throw node.error("leaves the arm \(label(of: arm)) without a program")
            }
            guard !isExecutable(program, searchPath: searchPath) else { continue }
            throw PlanError(
                path: path,
                line: node.line,
                problem: "There is no program `\(program)` that can be executed.",
                remedy: program.contains("/")
                    ? "See that the path is right." : "Install it, or put its folder on the PATH."
            )
        }
    }

    private func isExecutable(_ program: String, searchPath: String) -> Bool {
        let folders = program.contains("/") ? [""] : searchPath.split(separator: ":").map { $0 + "/" }
        return folders.contains { folder in
            var isFolder: ObjCBool = false
            let path = folder + program
            let exists = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            return exists && !isFolder.boolValue && FileManager.default.isExecutableFile(atPath: path)
        }
    }

    /// Every template of the workload with the node that it stands at, the program first.
    private func lines(of node: PlanNode) throws(PlanError) -> [(Template, PlanNode)] {
        var lines: [(Template, PlanNode)] = []
        for (key, _, value) in try node.members() {
            if key == "command" {
                let entries = try value.entries()
                lines.insert(contentsOf: zip(workload.command, entries).map { ($0, $1) }, at: 0)
            } else {
                for (_, _, value) in try value.members() { lines.append((Template(try value.text()), value)) }
            }
        }
        return lines
    }
}
