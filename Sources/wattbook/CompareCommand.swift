import Analysis
import ArgumentParser
import Carbon
import Ledger
import Metering
import Quantities
import Reporting

/// `wattbook compare BASE CANDIDATE...`: a sentence, then numbers with their intervals; of several candidates a table.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Runs, or arms of an experiment (EXPERIMENT:factor=value[,factor=value]), beside a baseline."
    )

    @OptionGroup var options: GlobalOptions
    @OptionGroup var carbonOptions: CarbonOptions
    @Argument(help: "The baseline: a run, or an arm.") var base: String
    @Argument(help: ArgumentHelp("The candidates: runs, or arms.", valueName: "candidate")) var candidates: [String]

    @Flag(help: "Intervals of time and energy by resampling (BCa, 10,000 draws, fixed seed) instead of Student's t.")
    var bootstrap = false

    @Option(
        help: ArgumentHelp(
            "Also time and energy until a metric first is at a value, as iou=0.75 or loss<=0.3 (default: the plan's).",
            valueName: "metric=value"
        )
    )
    var target: TargetOption?

    mutating func run() throws {
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readOnly)
        var read: [String: [RunRecord]] = [:]
        let hasTarget = target != nil
        let parts = { (experiment: ExperimentRecord) -> LedgerFile.Parts in
            hasTarget || experiment.target != nil ? .detail : []
        }
        var base = try Selection(base, in: ledger, read: &read, parts: parts)
        var candidates = try self.candidates.map { try Selection($0, in: ledger, read: &read, parts: parts) }
        let ids = Set(base.runs.map(\.start.id))
        if let twin = candidates.first(where: { $0.runs.contains { ids.contains($0.start.id) } }) {
            throw Failure(
                .usage,
                "\(twin.label) and the baseline \(base.label) share a run.",
                remedy: "Name runs or arms that are apart."
            )
        }
        let isShared = candidates.allSatisfy { $0.experiment?.id == base.experiment?.id }
        let shared = isShared ? base.experiment : nil
        let differing = Selection.differingFactors(in: [base] + candidates)
        var criteria = base.experiment.map { Criteria(of: $0) } ?? Criteria()
        if shared == nil { criteria.until = nil }
        criteria.intervals = bootstrap ? .bootstrap : .t
        if let target { criteria.target = target.target(beside: base.experiment) }
        if criteria.target != nil {
            base.runs = try base.runs.map { try ledger.withCourses($0) }
            for index in candidates.indices {
                candidates[index].runs = try candidates[index].runs.map { try ledger.withCourses($0) }
            }
        }
        base.runs = try ledger.underFactors(base.runs, options: carbonOptions)
        for index in candidates.indices {
            candidates[index].runs = try ledger.underFactors(candidates[index].runs, options: carbonOptions)
        }
        let settings = ([base] + candidates).flatMap(\.runs).map(\.start.carbon)
        if let conflict = CarbonSettings.conflict(among: settings) { throw conflict }
        let comparisons = try compare(
            baseline: base.group(naming: differing),
            candidates: candidates.map { $0.group(naming: differing) },
            paired: shared != nil,
            criteria: criteria,
            idlePower: idlePower(
                of: try ledger.withIdle(shared.flatMap { read[$0.id] } ?? ([base] + candidates).flatMap(\.runs))
            )
        )
        if options.json {
            options.out.raw(comparisonsDocument(comparisons))
            return
        }
        let isModelled = ([base] + candidates).flatMap(\.runs).compactMap { $0.end?.account.total }
            .contains { $0.joules != nil && $0.basis != .measured }
        if comparisons.count > 1 {
            ComparisonTable(comparisons: comparisons, isModelled: isModelled).print(to: options.out)
            options.out.line()
        }
        for comparison in comparisons {
            ComparisonSummary(comparison: comparison, isModelled: isModelled).print(to: options.out)
        }
    }
}

/// What a user means by a word on the command line: one run, or all runs of an arm.
struct Selection {
    var label: String
    var runs: [RunRecord]
    var experiment: ExperimentRecord?
    /// The levels that were asked for; empty for a plain run.
    var levels: [String: String] = [:]

    /// The factors in which some differ: what a sentence must name.
    static func differingFactors(in selections: [Selection]) -> Set<String> {
        let factors = Set(selections.flatMap(\.levels.keys))
        return factors.filter { factor in Set(selections.map { $0.levels[factor] }).count > 1 }
    }

    /// The runs under their label, named by the factors that set them apart.
    func group(naming factors: Set<String>) -> RunGroup {
        let words = levels.filter { factors.contains($0.key) }.sorted { $0.key < $1.key }
        let name = words.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        return RunGroup(label: label, name: name.isEmpty ? label : name, runs: runs)
    }

    /// Resolves a word; the runs of an experiment are read once, with the parts that are wanted, and kept in `read`.
    init(
        _ text: String,
        in ledger: LedgerFile,
        read: inout [String: [RunRecord]],
        parts: (ExperimentRecord) -> LedgerFile.Parts
    ) throws {
        guard let colon = text.firstIndex(of: ":") else {
            let run = try ledger.record(ledger.resolve(text))
            (label, runs, experiment) = (run.start.name, [run], nil)
            return
        }
        let found = try ledger.experiment(String(text[..<colon]))
        let levels = try Self.levels(text[text.index(after: colon)...], of: found)
        experiment = found
        let all = try read[found.id] ?? ledger.runs(ofExperiment: found.id, parts: parts(found))
        read[found.id] = all
        runs = all.filter { run in
            levels.allSatisfy { run.start.place?.levels[$0.key] == $0.value }
        }
        self.levels = levels
        label =
            levels.isEmpty
            ? found.name : levels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }

    private static func levels(_ text: Substring, of experiment: ExperimentRecord) throws -> [String: String] {
        var levels: [String: String] = [:]
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2, let factor = experiment.factors.first(where: { $0.name == sides[0] }) else {
                let names = experiment.factors.map(\.name).joined(separator: ", ")
                throw Failure(
                    .badData,
                    "'\(part)' names no factor of the experiment \(experiment.name).",
                    remedy: "Its factors are \(names); say for instance \(experiment.name):\(experiment.exampleLevel)."
                )
            }
            guard factor.levels.contains(sides[1]) else {
                throw Failure(
                    .badData,
                    "The factor \(factor.name) has no level '\(sides[1])'.",
                    remedy: "Its levels are \(factor.levels.joined(separator: ", "))."
                )
            }
            levels[sides[0]] = sides[1]
        }
        return levels
    }
}

extension ExperimentRecord {
    /// A level as one would type it, for error messages.
    fileprivate var exampleLevel: String {
        factors.first.map { "\($0.name)=\($0.levels.first ?? "")" } ?? ""
    }
}
