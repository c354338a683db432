internal import Ledger
internal import Metering
internal import Statistics

/// The factors of an experiment that the questions are about, and the gains by precision that answer most of them.
struct Questions {
    var experiment: ExperimentRecord
    /// The factor one of whose levels is single precision, which is also its baseline; `nil` where there is none.
    var precision: String?
    /// Its level of single precision.
    var single = ""
    /// The factor that names frameworks.
    var framework: String?
    /// The factor that names algorithms.
    var algorithm: String?
    /// Factors whose levels can double.
    var sizes: [String]
    var window: Window
    var basis: Basis?
    /// Runs that count, by arm.
    private let runsOfArm: [[String: String]: [RunRecord]]
    /// Every arm of mixed precision beside the one of single precision that is alike in all else, in plan order.
    private(set) var gains: [Gain] = []

    /// Reads off the plan what can be asked.
    init(_ experiment: ExperimentRecord, runs: [RunRecord]) throws(AnalysisError) {
        self.experiment = experiment
        let counted = counting(runs).runs
        let bases = Set(counted.filter { $0.joules != nil }.compactMap { $0.end?.account.total.basis })
        basis = bases.count > 1 ? .mixed : bases.first
        runsOfArm = Dictionary(grouping: counted) { $0.start.place?.levels ?? [:] }
        let named = { (name: String) in experiment.factors.first { $0.name == name && $0.levels.count > 1 }?.name }
        (framework, algorithm) = (named("framework"), named("algorithm"))
        for factor in experiment.factors where precision == nil && factor.levels.count > 1 {
            guard let level = factor.levels.first(where: { ["fp32", "float32"].contains($0) }),
                experiment.baseline[factor.name].map({ $0 == level }) ?? true
            else { continue }
            (precision, single) = (factor.name, level)
        }
        sizes = experiment.factors.filter(\.isSize).map(\.name)
        let beside = [precision, framework, algorithm]
        let sides = Dictionary(grouping: runsOfArm) { arm in arm.key.filter { !beside.contains($0.key) } }
        window = Window(of: counted, sides: sides.values.map { $0.map(\.value) })
        gains = try gainsByPrecision()
    }

    /// The runs of an arm that count.
    func runs(at levels: [String: String]) -> [RunRecord] { runsOfArm[levels] ?? [] }

    /// Arms with runs that count, in plan order.
    var arms: [[String: String]] { experiment.arms.filter { !runs(at: $0).isEmpty } }

    /// Levels in words without the factors named; empty where none is left that has a choice.
    func place(_ levels: [String: String], without names: [String?]) -> String {
        let names = names + (hasAlgorithms(levels) ? [] : [algorithm])
        let factors = experiment.factors.filter {
            $0.levels.count > 1 && !names.contains($0.name) && levels[$0.name] != nil
        }
        return factors.isEmpty ? "" : label(levels, of: factors)
    }

    /// Whether the plan varies the algorithm at these levels, whatever the precision.
    func hasAlgorithms(_ levels: [String: String]) -> Bool {
        let alike = arms.filter { arm in
            arm.allSatisfy { key, level in
                key == algorithm || key == precision || (levels[key] ?? level) == level
            }
        }
        return algorithm.map { name in Set(alike.compactMap { $0[name] }).count > 1 } ?? false
    }

    /// Two arms side by side.
    func contrast(
        _ baseline: [String: String],
        _ candidate: [String: String],
        names: (String, String)
    ) throws(AnalysisError) -> Contrast {
        try Contrast(
            baseline: runs(at: baseline),
            candidate: runs(at: candidate),
            labels: (label(baseline, of: experiment.factors), label(candidate, of: experiment.factors)),
            names: names,
            paired: experiment.order == "randomized-blocks",
            criteria: Criteria(of: experiment),
            idle: nil
        )
    }

    /// The arm that is fastest among those that differ in the algorithm alone.
    func fastest(like levels: [String: String]) -> [String: String]? {
        let alike = arms.filter { arm in
            arm.allSatisfy { $0.key == algorithm || levels[$0.key] == $0.value } && arm.count == levels.count
        }
        let times = alike.map { mean(runs(at: $0).compactMap(window.seconds)) ?? .infinity }
        return alike.indices.min { times[$0] < times[$1] }.map { alike[$0] }
    }

    private func gainsByPrecision() throws(AnalysisError) -> [Gain] {
        guard let precision else { return [] }
        var gains: [Gain] = []
        var seen: Set<[[String: String]]> = []
        for levels in arms where levels[precision] != single {
            let mixed = levels[precision] ?? ""
            let counterpart = levels.merging([precision: single]) { _, new in new }
            var pairs = [[counterpart, levels]]
            // Best against best, where the plan varies the algorithm.
            if algorithm != nil, let base = fastest(like: counterpart), let best = fastest(like: levels) {
                pairs.append([base, best])
            }
            let best = pairs.count > 1 ? pairs[1] : nil
            for pair in pairs where !runs(at: pair[0]).isEmpty {
                guard seen.insert(pair).inserted else { continue }
                let contrast = try contrast(pair[0], pair[1], names: (single, mixed))
                let known = contrast.algorithms
                let isVaried = algorithm.map { pair[0][$0] != pair[1][$0] } ?? false
                let isAtBest = pair == best ?? pair
                let options = differingOptions([contrast.baseline, contrast.candidate])
                gains.append(
                    Gain(
                        levels: pair[1],
                        contrast: contrast,
                        algorithms: isAtBest && isVaried || known == .best
                            ? .best : options.isEmpty ? known : .different,
                        options: options,
                        isAtBest: isAtBest,
                        isChosen: hasAlgorithms(levels) || known == .best
                    )
                )
            }
        }
        return gains
    }

    /// Options that the runs told of themselves, alike within each side and not from side to side.
    ///
    /// Factors of the plan are none, nor is what follows from the precision.
    func differingOptions(_ sides: [[RunRecord]]) -> [String] {
        let known = ["precision", "arithmetic", "allow_tf32", "algorithm", "seed"] + experiment.factors.map(\.name)
        let keys = Set(sides.joined().flatMap { ($0.end?.info ?? [:]).keys }).subtracting(known)
        return keys.sorted().filter { key in
            let said = sides.map { side in Set(side.compactMap { $0.end?.info[key] }) }
            // Of what one side did not tell, as a layout that the library chooses, nobody knows that it was alike.
            return said.allSatisfy { $0.count <= 1 } && Set(said).count > 1
        }
    }

    /// Every question that the experiment has the factors and figures for, with its answer.
    func answers() throws(AnalysisError) -> [Answer] {
        [precisionAnswer].compactMap(\.self) + sizeAnswers + [try frameworkAnswer(), qualityAnswer].compactMap(\.self)
    }

    /// What weakens the gains where no comparison of whole runs tells it.
    var weaknesses: [Weakness] {
        let contrasts = gains.map(\.contrast).filter(\.hasDifferentWork)
        let sentences = contrasts.flatMap { contrast in
            contrast.notes
                + obstacles(to: contrast.runs, perImage: true).map { "\(contrast.subject) is not compared: \($0)." }
                + (contrast.isModelled ? [modelledSentence] : [])
        }
        let unpaired = [unpairedSentence(contrasts)].compactMap(\.self)
        return sentences.map { Weakness($0) } + contrasts.compactMap(\.fewRepeats) + unpaired.map { Weakness($0) }
    }

    /// Gains by precision alone; where there are none, at each level of `factor` if one is named, those whose sides differ in
    /// an option too.
    func askedGains(each factor: String? = nil) -> [Gain] {
        let level = { (gain: Gain) in factor.flatMap { gain.levels[$0] } }
        let known = Set(gains.filter(\.algorithms.isPrecisionAlone).map(level))
        return gains.filter { gain in
            gain.algorithms.isPrecisionAlone
                || gain.algorithms == .different && !gain.options.isEmpty && !known.contains(level(gain))
        }
    }

    /// What the sides differ in beside precision, as the end of a sentence; empty where it is nothing.
    func caveat(_ gains: [Gain]) -> String {
        let unlike = gains.filter { !$0.algorithms.isPrecisionAlone }
        guard !unlike.isEmpty else { return "" }
        let options = distinct(unlike.flatMap(\.options))
        let names = distinct(unlike.compactMap { gain in framework.flatMap { gain.levels[$0] } }).sorted()
        let whose = unlike.count == gains.count || names.isEmpty ? "" : " of \(series(names, or: false))"
        return options.isEmpty
            ? "; the algorithms\(whose) differ, so that this is not the gain of precision alone"
            : "; the arms\(whose) differ in \(series(options, or: false)) too, so that this is not the gain of precision alone"
    }

    /// Gains that are told apart from those asked for, since their sides differ in an option too, as the end of a sentence.
    func leftOut(_ asked: [Gain]) -> String {
        let others = gains.filter { $0.algorithms == .different && !$0.options.isEmpty }
        guard asked.contains(where: \.algorithms.isPrecisionAlone), !others.isEmpty else { return "" }
        let names = distinct(others.compactMap { gain in framework.flatMap { gain.levels[$0] } })
        let options = series(distinct(others.flatMap(\.options)), or: false)
        return "; not among these \(others.count == 1 ? "is 1 gain" : "are \(others.count) gains")"
            + (names.isEmpty ? "" : " of \(series(names, or: false))") + " whose arms differ in \(options) too"
    }
}

/// One arm of mixed precision beside one of single precision.
struct Gain {
    /// The levels of the candidate.
    var levels: [String: String]
    var contrast: Contrast
    var algorithms: Answer.Algorithms
    /// What else the sides told differently of themselves, as `channels_last`.
    var options: [String]
    /// Whether no algorithm of the plan is faster on either side, be it one for both.
    var isAtBest: Bool
    /// Whether the plan or the program chose from several algorithms.
    var isChosen: Bool

    var isBestAgainstBest: Bool { isAtBest && isChosen }
}

extension Contrast {
    /// What the sides say of their algorithms; each at its fastest is not the same one.
    var algorithms: Answer.Algorithms {
        let (x, y) = (said("algorithm", by: baseline), said("algorithm", by: candidate))
        if x.isEmpty, y.isEmpty { return .untold }
        guard x == y else { return .different }
        return x.contains("fastest") ? .best : .same
    }
}
