import Analysis
import ArgumentParser
import Ledger
import Metering
import Quantities
import Reporting

/// `wattbook compare BASE CANDIDATE`: a sentence, then numbers with their intervals.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Two runs, or two arms of an experiment (EXPERIMENT:factor=value[,factor=value])."
    )

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The baseline: a run, or an arm.") var base: String
    @Argument(help: "The candidate: a run, or an arm.") var candidate: String

    mutating func run() throws {
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readOnly)
        let (base, candidate) = (try Selection(base, in: ledger), try Selection(candidate, in: ledger))
        let shared = base.experiment?.id == candidate.experiment?.id ? base.experiment : nil
        let idle = try shared.flatMap { idlePower(of: try ledger.runs(ofExperiment: $0.id)) }
        let comparison = try compare(
            baseline: base.runs,
            candidate: candidate.runs,
            labels: (base.label, candidate.label),
            paired: shared != nil,
            quality: base.experiment?.quality,
            idlePower: idle
        )
        if options.json {
            options.out.raw(comparisonDocument(comparison))
        } else {
            let bases = (base.runs + candidate.runs).compactMap { $0.end?.account.total }.filter { $0.joules != nil }
            let isModelled = bases.contains { $0.basis != .measured }
            ComparisonSummary(comparison: comparison, isModelled: isModelled).print(to: options.out)
        }
    }
}

/// What a user means by a word on the command line: one run, or all runs of an arm.
struct Selection {
    var label: String
    var runs: [RunRecord]
    var experiment: ExperimentRecord?

    init(_ text: String, in ledger: LedgerFile) throws {
        guard let colon = text.firstIndex(of: ":") else {
            let run = try ledger.record(ledger.resolve(text))
            (label, runs, experiment) = (run.start.name, [run], nil)
            return
        }
        let found = try ledger.experiment(String(text[..<colon]))
        let levels = try Self.levels(text[text.index(after: colon)...], of: found)
        experiment = found
        runs = try ledger.runs(ofExperiment: found.id).filter { run in
            levels.allSatisfy { run.start.place?.levels[$0.key] == $0.value }
        }
        label = levels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
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
