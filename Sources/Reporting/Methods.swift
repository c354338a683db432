import Analysis
import Carbon
import Ledger
import Metering
import Quantities

/// The methods paragraph alone, as plain text.
package struct MethodsRenderer: Renderer {
    /// A renderer.
    package init() {}

    /// Renders the sentences as one paragraph.
    package func render(_ report: any Reportable) throws -> String { report.methods.joined(separator: " ") + "\n" }
}

extension Report {
    /// How the study was measured and what came out, with the numbers, for the methods section of a paper.
    package var methods: [String] {
        let arms = study.arms.count > 1 ? " in \(study.arms.count) arms" : ""
        var sentences = [sourceSentence(runs, version: version)]
        sentences += machineSentences(study.hosts)
        let counted = Reporting.counted(study.arms.map(\.runIDs.count).reduce(0, +), "run")
        sentences.append("The figures rest on \(counted)\(arms)\(design).")
        if let idle {
            let words = Watts(idle.watts).formatted(uncertainty: idle.uncertainty.map { Watts($0) })
            sentences.append("\(idleSubject(idle)) drew \(words).")
        }
        if let arm = study.arms.first(where: \.isBaseline) ?? study.arms.first, arm.calibration > 0 {
            sentences.append(
                "The expanded uncertainty (95 %) of the energy of one run is \(percent(arm.calibration)), after the GUM "
                    + "(JCGM 100:2008), with the \(study.basis == .modelled ? "model" : "calibration of the sensors")."
            )
        }
        let gains = gainSentences
        let results = gains.isEmpty ? study.comparisons.map(resultSentence) : gains
        let told = results.compactMap(\.self)
        sentences += told
        if told.count < results.count {
            let noun = told.isEmpty ? "comparison" : "further comparison"
            let untold = Reporting.counted(results.count - told.count, noun)
            sentences.append("Left out for want of an interval: \(untold).")
        }
        if !told.isEmpty {
            let isResampled = gains.isEmpty && study.comparisons.first?.intervalMethod == .bootstrap
            let source = isResampled ? "bias-corrected bootstrap resampling" : "Student's t on logarithms"
            let adjusted = told.count > 1 ? ", adjusted for \(told.count) comparisons" : ""
            sentences.append("Intervals are 95 %, by \(source)\(adjusted).")
        }
        sentences += study.carbon.map(carbonSentence)
        return sentences
    }

    private var design: String {
        guard let plan = study.experiment else { return "" }
        let order = plan.order == "randomized-blocks" ? "randomised blocks" : plan.order
        let warm = plan.warmup > 0 ? ", after \(Reporting.counted(plan.warmup, "warm-up run")) an arm" : ""
        let missing = (plan.plannedRuns ?? 0) - study.arms.map(\.runIDs.count).reduce(0, +)
        let fewer = missing > 0 ? ", \(missing) fewer than planned" : ""
        return "\(fewer), run in \(order) (seed \(plan.seed))\(warm)"
    }

    /// The gains of the study's question, where they are of a region, `nil` those without an interval; else empty.
    private var gainSentences: [String?] {
        guard let answer = study.answers.first(where: { $0.question == .precision }), let region = answer.region else {
            return []
        }
        return answer.figures(.speedup).map { speedup in
            let energy = answer.figures(.energyRatio).first {
                $0.subject == speedup.subject && $0.algorithms == speedup.algorithms
            }
            return result(
                (speedup.subject, speedup.reference ?? ""),
                energy?.estimate,
                speedup.estimate,
                of: (answer.per.map { " for an \($0)" } ?? "") + " in region \(region)"
                    + (speedup.algorithms == .different ? ", not by precision alone," : "")
            )
        }
    }

    /// `nil` without an interval: single runs are no result.
    private func resultSentence(_ comparison: Comparison) -> String? {
        let names = (comparison.candidate.label, comparison.baseline.label)
        guard comparison.verdict != .notComparable, let energy = comparison.energyRatio else {
            return "\(names.0) and \(names.1) are not comparable."
        }
        return result(names, energy, comparison.speedup, of: "")
    }

    private func result(_ names: (String, String), _ energy: Estimate?, _ speedup: Estimate, of region: String)
        -> String?
    {
        guard speedup.low != nil || energy?.low != nil else { return nil }
        let range = { (estimate: Estimate) in
            let cell = ratioCell(estimate)
            return cell.text + (cell.detail.map { " (\($0))" } ?? "")
        }
        let speed = "\(range(speedup)) times"
        guard let energy else { return "\(names.0) ran\(region) \(speed) as fast as \(names.1)." }
        let word = study.basis == .measured ? "energy" : "\(Reporting.word(study.basis)) energy"
        return "\(names.0) took\(region) \(range(energy)) times the \(word) of \(names.1) "
            + "at \(speed) its speed."
    }
}

/// What read the joules, how often, and what they cover.
func sourceSentence(_ runs: [RunRecord], version: String) -> String {
    let totals = runs.compactMap { $0.end?.account.total }.filter { $0.joules != nil }
    guard !totals.isEmpty else { return "No energy was recorded (Wattbook \(version))." }
    let bases = Set(totals.map(\.basis))
    let verb =
        bases == [.measured] ? "measured" : bases == [.modelled] ? "modelled" : "in part measured and in part modelled"
    let intervals = Set(runs.compactMap { $0.end?.sampler?.interval }).sorted().map { duration(Seconds($0)) }
    let every = intervals.isEmpty ? "" : " every \(listed(Array(intervals.prefix(3))))"
    let names = few(Document.unique(totals.flatMap(\.coverage)))
    return "Energy was \(verb) with Wattbook \(version), which reads its sources\(every) and sums \(names)."
}

/// What drew an idle power: the sensors that were read, which may be a part of the machine.
func idleSubject(_ idle: IdlePower) -> String { idle.coverage.map { "Idle, \(few($0))" } ?? "The idle machine" }

/// The names of some sources, or of the first four of many.
private func few(_ names: [String]) -> String {
    names.count > 4 ? names.prefix(4).joined(separator: ", ") + " and \(names.count - 4) more" : listed(names)
}

/// The machines, each in a sentence; of many their number.
func machineSentences(_ hosts: [Host]) -> [String] {
    guard hosts.count <= 3 else { return ["The runs ran on \(hosts.count) machines."] }
    return hosts.map { host in
        let parts = [
            host.cpu.isEmpty ? "" : "\(host.cpu) (\(counted(host.cores, "logical processor")))",
            host.memoryBytes > 0 ? "\(memory(host.memoryBytes)) of memory" : "",
            host.gpus.isEmpty ? "" : listed(host.gpus),
        ].filter { !$0.isEmpty }
        let system = [host.os, host.kernel.isEmpty ? "" : "Linux \(host.kernel)"].filter { !$0.isEmpty }
        return "The machine has \(parts.isEmpty ? "no description" : listed(parts))"
            + (system.isEmpty ? "." : " and runs \(system.joined(separator: ", ")).")
    }
}

/// The factors of an account in a sentence.
func carbonSentence(_ account: CarbonAccount) -> String {
    var factors = ["the energy"]
    if account.unmeasuredFactor != 1 { factors.append("\(account.unmeasuredFactor) for hardware without a sensor") }
    if account.pueGiven { factors.append("a PUE of \(account.pue)") }
    let intensity = "\(decimal(account.intensity.value, places: 1)) gCO2e/kWh"
    let origin = [account.zoneName, account.year.map { "\($0)" } ?? "", account.basis].filter { !$0.isEmpty }
    factors.append("\(intensity) (\(origin.joined(separator: ", ")); \(account.intensitySource))")
    return "CO2e (\(account.account)-based) is \(factors.joined(separator: " times "))"
        + (account.embodied == nil ? ", without embodied carbon." : ", with embodied carbon.")
}
