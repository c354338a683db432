import Configuration
import Ledger

extension Plan {
    /// Reads `scaling`, and adds its factors: the number of units, before it the mode where there are both.
    ///
    /// Where the plan names no baseline, every arm is set beside that of the fewest units.
    mutating func readScaling(_ node: PlanNode, beside nodes: [String: PlanNode]) throws(PlanError) {
        let design = try Self.scaling(node)
        if nodes["arms"] != nil {
            throw node.error("and `arms` exclude each other", remedy: "Write `factors` beside it.")
        }
        let units = ExperimentRecord.Scaling.Unit.allCases.map(\.rawValue)
        let reserved = Set(units + [ExperimentRecord.Scaling.modeFactor])
        for (key, line, _) in try (nodes["factors"]?.members() ?? []) + (nodes["parameters"]?.members() ?? [])
        where reserved.contains(key) {
            throw PlanError(
                path: path,
                line: line,
                problem: "`\(key)` is filled by `scaling`.",
                remedy: "Give the factor or parameter another name."
            )
        }
        if design.record.launch == .sbatch {
            for key in ["idle", "cooldown"] {
                guard let value = nodes[key] else { continue }
                throw value.error("has no meaning between the jobs of a queue", remedy: "Leave it out.")
            }
        }
        scaling = design
        let modes = design.record.modes
        if modes.count > 1 {
            factors.append(
                ExperimentRecord.Factor(name: ExperimentRecord.Scaling.modeFactor, levels: modes.map(\.rawValue))
            )
        }
        let over = design.record.over.rawValue
        factors.append(ExperimentRecord.Factor(name: over, levels: design.units.map { "\($0)" }))
        if baseline.isEmpty, let fewest = design.units.first { baseline = [over: "\(fewest)"] }
    }

    private static func scaling(_ node: PlanNode) throws(PlanError) -> ScalingDesign {
        var design = ScalingDesign(
            record: ExperimentRecord.Scaling(over: .nodes, modes: [.strong], launch: .local),
            units: [],
            grows: [:],
            ranksPerNode: nil,
            threadsPerRank: 1,
            batch: ScalingDesign.Batch()
        )
        var seen: [String: PlanNode] = [:]
        for (key, _, value) in try node.members(keys) {
            seen[key] = value
            switch key {
            case "mode": design.record.modes = try modes(value)
            case "over": design.record.over = try word(value)
            case "launch": design.record.launch = try word(value)
            case "values": design.units = try units(value)
            case "grows":
                for (place, _, share) in try value.members() { design.grows[place] = try share.integer(least: 1) }
            case "ranks_per_node": design.ranksPerNode = try value.integer(least: 1)
            case "threads_per_rank": design.threadsPerRank = try value.integer(least: 1)
            default: design.batch = try batch(value)
            }
        }
        for (key, example) in [("over", "nodes"), ("values", "[1, 2, 4]")] where seen[key] == nil {
            throw node.error("needs `\(key)`", remedy: "Write for instance `\(key): \(example)`.")
        }
        try checkLayout(design, seen, node)
        return design
    }

    private static let keys = [
        "mode", "over", "values", "launch", "grows", "ranks_per_node", "threads_per_rank", "sbatch",
    ]

    private static func checkLayout(
        _ design: ScalingDesign,
        _ seen: [String: PlanNode],
        _ node: PlanNode
    ) throws(PlanError) {
        if design.record.modes.contains(.weak), design.grows.isEmpty {
            throw (seen["mode"] ?? node).error(
                "needs `grows`, the work of one \(design.record.over.singular)",
                remedy: "Write for instance `grows: {batch: 8}` and put {batch} into the command."
            )
        }
        if !design.record.modes.contains(.weak), let grows = seen["grows"] {
            throw grows.error("is for weak scaling", remedy: "Leave it out, or write `mode: both`.")
        }
        if design.record.launch == .local {
            if let batch = seen["sbatch"] {
                throw batch.error("asks for jobs, but the launch is local", remedy: "Add `launch: sbatch`.")
            }
            if design.record.over == .nodes {
                throw (seen["launch"] ?? seen["over"] ?? node).error(
                    "is local, and there is one node here",
                    remedy: "Write `launch: sbatch`, or `over: threads` or `ranks`."
                )
            }
        }
        if design.record.over == .threads {
            for key in ["ranks_per_node", "threads_per_rank"] {
                if let value = seen[key] { throw value.error("has no meaning over threads", remedy: "Leave it out.") }
            }
        }
    }

    private static func modes(_ node: PlanNode) throws(PlanError) -> [ExperimentRecord.Scaling.Mode] {
        let text = try node.text()
        if text == "both" { return [.strong, .weak] }
        guard let mode = ExperimentRecord.Scaling.Mode(rawValue: text) else {
            throw node.error("must be strong, weak or both")
        }
        return [mode]
    }

    /// One of the words of an enumeration.
    private static func word<Word: RawRepresentable<String> & CaseIterable>(
        _ node: PlanNode
    ) throws(PlanError) -> Word {
        guard let word = Word(rawValue: try node.text()) else {
            throw node.error("must be \(Word.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        return word
    }

    private static func units(_ node: PlanNode) throws(PlanError) -> [Int] {
        var units: [Int] = []
        for entry in try node.entries() {
            let value = try entry.integer(least: 1)
            guard value > units.last ?? 0 else { throw entry.error("must ascend") }
            units.append(value)
        }
        guard units.count > 1 else {
            throw node.error("needs two numbers or more", remedy: "Write `values: [1, 2, 4]`.")
        }
        return units
    }

    private static func batch(_ node: PlanNode) throws(PlanError) -> ScalingDesign.Batch {
        var batch = ScalingDesign.Batch()
        for (key, _, value) in try node.members(
            ["partition", "account", "time", "options", "srun", "setup", "exclusive", "at_once"]
        ) {
            switch key {
            case "partition": batch.partition = try singleWord(value)
            case "account": batch.account = try singleWord(value)
            case "time": batch.time = try singleWord(value)
            case "options": batch.options = try options(value)
            case "srun": batch.srun = try options(value)
            case "setup":
                for entry in try value.entries() { batch.setup.append(try entry.text()) }
            case "exclusive": batch.isExclusive = try value.flag()
            default: batch.atOnce = try value.integer(least: 1)
            }
        }
        return batch
    }

    private static func options(_ node: PlanNode) throws(PlanError) -> [String] {
        var lines: [String] = []
        for entry in try node.entries() {
            let line = try singleWord(entry)
            guard line.hasPrefix("-") else { throw entry.error("must hold options, as [--constraint=icelake]") }
            lines.append(line)
        }
        return lines
    }

    /// A value that stays one word of a job script's directive.
    private static func singleWord(_ node: PlanNode) throws(PlanError) -> String {
        let text = try node.text()
        guard !text.contains(where: { $0.isWhitespace || "\"'\\".contains($0) }) else {
            throw node.error("must be one word without spaces and quotes")
        }
        return text
    }

    /// Finds work that grows nowhere, and arms that would all be the same.
    func checkScaling(_ node: PlanNode, used: Set<String>) throws(PlanError) {
        guard let scaling else { return }
        for place in scaling.grows.keys.sorted() where !used.contains(place) {
            throw node.error(
                "lets `\(place)` grow, which is used nowhere",
                remedy: "Put {\(place)} into the command."
            )
        }
        let placed = !used.isDisjoint(with: ExperimentRecord.Scaling.Unit.allCases.map(\.rawValue))
        let isSpreadBySlurm = scaling.record.launch == .sbatch && scaling.record.over != .threads
        guard placed || isSpreadBySlurm else {
            let over = scaling.record.over.rawValue
            throw node.error(
                "changes the number of \(over), which the command does not name",
                remedy: "Put {\(over)} into the command or its environment."
            )
        }
    }
}
