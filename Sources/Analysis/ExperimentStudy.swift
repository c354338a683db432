public import Ledger
internal import Metering

/// Studies an experiment: every arm is set beside the baseline within its combination of the other factors.
///
/// `runs` are all runs of the experiment, warm-ups and idle ones too, in any order. Arms without a run that counts
/// are named in the warnings. Comparisons are adjusted for their number.
/// - Parameter intervals: What the intervals of time and energy rest on.
/// - Throws: Where no run of the experiment counts.
public func study(
    experiment: ExperimentRecord,
    runs: [RunRecord],
    intervals: IntervalMethod = .t
) throws -> Study {
    var criteria = Criteria(of: experiment)
    criteria.intervals = intervals
    let runs = runs.sorted(by: order)
    let questions = try Questions(experiment, runs: runs)
    let answers = try questions.answers()
    let byImage = answers.first { $0.per != nil }
    let idle = idlePower(of: runs)
    let arms = experiment.arms
    let runsOfArm = { (levels: [String: String]) in runs.filter { $0.start.place?.levels == levels } }
    var summaries: [ArmSummary] = []
    var contrasts: [Contrast] = []
    var warnings: [String] = []
    for levels in arms {
        let label = label(levels, of: experiment.factors)
        let counterpart = levels.merging(experiment.baseline) { _, base in base }
        let isBaseline = counterpart == levels
        guard
            let summary = summary(
                of: runsOfArm(levels),
                label: label,
                levels: levels,
                isBaseline: isBaseline,
                idle: idle,
                target: experiment.target
            )
        else {
            warnings.append("No run of \(label) counts; the arm is left out.")
            continue
        }
        summaries.append(summary)
        // An arm without a partner is named by the warning of the arm that is missing.
        guard !isBaseline, !experiment.baseline.isEmpty, !counting(runsOfArm(counterpart)).runs.isEmpty else {
            continue
        }
        // Work that grows with the units is not the baseline's.
        if let scaling = experiment.scaling, scaling.mode(of: levels) == .weak,
            experiment.baseline[scaling.over.rawValue] != nil
        {
            continue
        }
        let compared = experiment.factors.filter { experiment.baseline[$0.name] != nil }
        let others = experiment.factors.filter { experiment.baseline[$0.name] == nil && $0.levels.count > 1 }
        let contrast = try Contrast(
            baseline: runsOfArm(counterpart),
            candidate: runsOfArm(levels),
            labels: (Analysis.label(counterpart, of: experiment.factors), label),
            names: (Analysis.label(counterpart, of: compared), Analysis.label(levels, of: compared)),
            context: others.isEmpty
                ? nil : others.map { "\($0.name)=\(levels[$0.name] ?? "")" }.joined(separator: ", "),
            paired: experiment.order == "randomized-blocks",
            criteria: criteria,
            idle: idle
        )
        // The answers compare an image; of whole runs there is but the way to a target.
        guard byImage == nil || experiment.target != nil || !contrast.hasDifferentWork else { continue }
        contrasts.append(contrast)
    }
    guard !summaries.isEmpty else { throw AnalysisError.noFinishedRun(of: "experiment \(experiment.name)") }
    let made = summaries.map(\.runIDs.count).reduce(0, +)
    if let planned = experiment.plannedRuns, made < planned {
        warnings.append("Of \(planned) planned runs \(made) count: the study is not whole.")
    }
    let judgements = judge(contrasts)
    let missed = experiment.until.map { until in judgements.compactMap { $0.missedTarget(of: until) } } ?? []
    var study = assemble(
        title: experiment.name,
        experiment: experiment,
        arms: summaries,
        judgements: judgements,
        scaling: scaling(judgements, factors: experiment.factors, baseline: experiment.baseline),
        warnings: (experiment.warnings + warnings).map { Weakness($0) } + missed
            + (byImage == nil ? [] : questions.weaknesses),
        runs: runs
    )
    study.answers = answers
    if let byImage {
        if judgements.isEmpty { study.verdict = byImage.sentence }
        study.findings.insert(byImage.reasonForImages, at: 0)
    }
    return study.told(parallelScaling(of: experiment, runs: runs))
}

extension Study {
    /// The study with tables of scaling, whose sentences come first.
    fileprivate func told(_ tables: [ParallelScaling]) -> Study {
        guard let first = tables.first?.findings.first else { return self }
        var study = self
        study.parallelScaling = tables
        study.verdict = first
        let told = tables.flatMap(\.findings).filter { $0 != first }
        let cautions = tables.flatMap(\.warnings)
        study.findings = told + findings
        study.warnings = cautions + warnings
        study.digest?.findings.insert(contentsOf: told, at: 0)
        study.digest?.warnings.insert(contentsOf: cautions, at: 0)
        return study
    }
}

/// Levels in words: a bare level where it explains itself, `factor=level` where it is a number or a switch.
func label(_ levels: [String: String], of factors: [ExperimentRecord.Factor]) -> String {
    let words = factors.compactMap { factor -> String? in
        guard let level = levels[factor.name] else { return nil }
        let explainsItself = Double(level) == nil && !["true", "false", "yes", "no", "on", "off"].contains(level)
        return explainsItself ? level : "\(factor.name)=\(level)"
    }
    return words.isEmpty ? "all runs" : words.joined(separator: ", ")
}

/// The order in which runs took place.
func order(_ a: RunRecord, _ b: RunRecord) -> Bool {
    (a.start.startedAt, a.start.place?.position ?? 0, a.id) < (b.start.startedAt, b.start.place?.position ?? 0, b.id)
}
