internal import Ledger
internal import Metering
internal import Quantities
private import RealModule
internal import Statistics

/// The tables of scaling of an experiment, one for each mode and setting of the other factors; none of others.
///
/// `runs` are all its runs in order.
func parallelScaling(of experiment: ExperimentRecord, runs: [RunRecord]) -> [ParallelScaling] {
    guard let scaling = experiment.scaling else { return [] }
    let own = [scaling.over.rawValue, ExperimentRecord.Scaling.modeFactor]
    var groups: [(mode: ExperimentRecord.Scaling.Mode, setting: [String: String], arms: [[String: String]])] = []
    for arm in experiment.arms {
        let (mode, setting) = (scaling.mode(of: arm), arm.filter { !own.contains($0.key) })
        if let index = groups.firstIndex(where: { $0.mode == mode && $0.setting == setting }) {
            groups[index].arms.append(arm)
        } else {
            groups.append((mode, setting, [arm]))
        }
    }
    // Jobs of one block need share neither time nor node.
    let isPaired = scaling.launch == .local && experiment.order == "randomized-blocks"
    return groups.compactMap { group in
        let arms = group.arms.compactMap { arm in
            scaling.units(of: arm).map { units in
                ScalingArm(units: units, all: runs.filter { $0.start.place?.levels == arm })
            }
        }
        return ScalingSeries(
            mode: group.mode,
            over: scaling.over,
            setting: group.setting,
            arms: arms.sorted { $0.units < $1.units },
            isPaired: isPaired
        ).table
    }
}

/// The runs at one number of units.
struct ScalingArm {
    var units: Int
    /// Those that do not count too.
    var all: [RunRecord]
    /// Those that count.
    let runs: [RunRecord]

    init(units: Int, all: [RunRecord]) {
        self.units = units
        self.all = all
        runs = counting(all).runs
    }

    /// Why there is none that counts.
    var reason: String {
        let failed = all.last { $0.start.role == .measurement && $0.reasonToLeaveOut != nil } ?? all.last
        guard let failed else { return "It has not been run." }
        return failed.start.tags[RunRecord.failureTag] ?? failed.reasonToLeaveOut ?? "It has not been measured."
    }
}

/// Arms that differ in their units alone.
struct ScalingSeries {
    var mode: ExperimentRecord.Scaling.Mode
    var over: ExperimentRecord.Scaling.Unit
    var setting: [String: String]
    var arms: [ScalingArm]
    var isPaired: Bool

    private var known: [ScalingArm] { arms.filter { !$0.runs.isEmpty } }

    /// `nil` where no run counts.
    var table: ParallelScaling? {
        guard let reference = known.first else { return nil }
        let joules = known.flatMap(\.runs).filter { $0.joules != nil }
        let bases = Set(joules.compactMap { $0.end?.account.total.basis })
        var table = ParallelScaling(
            mode: mode,
            over: over,
            setting: setting,
            points: known.compactMap { point($0, beside: reference) },
            missing: arms.filter(\.runs.isEmpty).map { ParallelScaling.Missing(units: $0.units, reason: $0.reason) },
            fits: fits,
            leastEnergy: bases.count == 1 ? leastEnergy : nil,
            costShare: share,
            basis: bases.count > 1 ? .mixed : bases.first,
            findings: [],
            warnings: workWarnings
        )
        if bases.count > 1 {
            table.warnings.append("Some joules are measured and some modelled: no least energy is told.")
        }
        table.findings = table.sentences
        table.warnings += table.weaknesses
        return table
    }

    private func point(_ arm: ScalingArm, beside reference: ScalingArm) -> ParallelScaling.Point? {
        guard let duration = estimate(arm.runs.compactMap(\.duration)),
            let efficiency = ratio(reference, arm, \.duration)
        else { return nil }
        let growth = Double(arm.units) / Double(reference.units)
        let time = arm.units == reference.units ? Estimate(value: 1) : efficiency.unadjusted
        let (speedup, perUnit) = mode == .strong ? (time, time.scaled(by: 1 / growth)) : (time.scaled(by: growth), time)
        let energy = estimate(arm.runs.compactMap(\.joules))
        let uncertainty = mean(arm.runs.compactMap { $0.end?.account.total.uncertainty?.value })
        return ParallelScaling.Point(
            units: arm.units,
            runIDs: arm.runs.map(\.id),
            duration: duration,
            speedup: speedup,
            efficiency: perUnit,
            energy: energy,
            calibration: energy.flatMap { energy in uncertainty.map { $0 / energy.value } } ?? 0,
            joulesPerImage: estimate(arm.runs.compactMap(\.joulesPerImage)),
            meanPower: estimate(arm.runs.compactMap(\.meanPower))
        )
    }

    /// The figures of `x` over those of `y`: of pairs where blocks are, else as independent samples.
    private func ratio(
        _ x: ScalingArm,
        _ y: ScalingArm,
        _ figure: (RunRecord) -> Double?
    ) -> RatioInference? {
        if isPaired {
            let partners = Dictionary(y.runs.map { ($0.start.place?.block, $0) }) { first, _ in first }
            let pairs = x.runs.compactMap { run in
                figure(run).flatMap { a in partners[run.start.place?.block].flatMap(figure).map { (a, $0) } }
            }
            if pairs.count > 1 { return pairedRatio(pairs.map(\.0), pairs.map(\.1)) }
        }
        let (a, b) = (x.runs.compactMap(figure), y.runs.compactMap(figure))
        return a.isEmpty || b.isEmpty ? nil : welchRatio(a, b)
    }

    // MARK: The law

    private var fits: [ParallelScaling.Fit] {
        let runs = known.flatMap { arm in arm.runs.compactMap { run in run.duration.map { (Double(arm.units), $0) } } }
        let all = ScalingLaw.laws(growing: mode == .weak).compactMap { law in
            scalingFit(law, units: runs.map(\.0), times: runs.map(\.1), growing: mode == .weak)
        }
        let chosen = carried(all)
        return all.map { fit in
            ParallelScaling.Fit(
                law: fit.law,
                serialFraction: Estimate(fit.serialFraction),
                coherency: fit.coherency.map { Estimate($0) },
                peakUnits: fit.peakLogarithm.map { RatioInference(logarithm: $0).unadjusted },
                lackOfFitP: fit.lackOfFitP,
                criterion: fit.criterion,
                isCarried: fit == chosen,
                line: line(fit)
            )
        }
    }

    /// The law at numbers of units in equal ratios.
    private func line(_ fit: ScalingFit) -> [ParallelScaling.Fit.Place] {
        guard let first = known.first?.units, let last = known.last?.units, last > first else { return [] }
        return (0...24).map { step in
            let units = Double(first) * .pow(Double(last) / Double(first), Double(step) / 24)
            return ParallelScaling.Fit.Place(units: units, duration: .exp(fit.logTime(at: units).value))
        }
    }

    // MARK: The least energy

    /// Weak scaling does more work with more units, so that its joules are told of an image, else of a unit.
    private var share: ParallelScaling.Share {
        guard mode == .weak else { return .solution }
        return known.flatMap(\.runs).allSatisfy { ($0.images ?? 0) > 0 } ? .image : .unit
    }

    private func cost(_ units: Int) -> (RunRecord) -> Double? {
        switch share {
        case .solution: { $0.joules }
        case .image: { $0.joulesPerImage }
        case .unit: { run in run.joules.map { $0 / Double(units) } }
        }
    }

    private var leastEnergy: ParallelScaling.LeastEnergy? {
        // Joules over images or units, so that the cost of either side is its own.
        let costs = known.compactMap { arm in
            estimate(arm.runs.compactMap(cost(arm.units))).map { (arm: arm, cost: $0) }
        }
        guard costs.count == known.count, costs.count > 1,
            let least = costs.min(by: { $0.cost.value < $1.cost.value })
        else { return nil }
        let others = costs.map(\.arm).filter { $0.units != least.arm.units }
        let scale = { (arm: ScalingArm) in share == .unit ? Double(least.arm.units) / Double(arm.units) : 1 }
        let figure: (RunRecord) -> Double? = share == .image ? \.joulesPerImage : \.joules
        let judged = family(
            others.map { arm in
                ratio(arm, least.arm, figure).map { ratio in
                    var scaled = ratio
                    scaled.logarithm.value += .log(scale(arm))
                    return Evidence(scaled)
                }
            }
        )
        return ParallelScaling.LeastEnergy(
            units: least.arm.units,
            cost: least.cost,
            others: zip(others, judged).compactMap { arm, ratio in
                ratio.map { ParallelScaling.LeastEnergy.Other(units: arm.units, ratio: $0.estimate) }
            }
        )
    }

    // MARK: The work

    /// Says where the images that were counted are not the work that the mode asks for.
    private var workWarnings: [String] {
        let counts = known.compactMap { arm in mean(arm.runs.compactMap(\.images)).map { (arm.units, $0) } }
        guard counts.count == known.count, let first = counts.first, first.1 > 0 else { return [] }
        let wanted = { (units: Int) in mode == .strong ? first.1 : first.1 * Double(units) / Double(first.0) }
        guard let other = counts.first(where: { abs($0.1 - wanted($0.0)) > equalWork * wanted($0.0) }) else {
            return []
        }
        let (seen, due) = (decimal(other.1, places: 0), decimal(wanted(other.0), places: 0))
        return [
            "The work is not that of \(mode.rawValue) scaling: \(other.0) \(over.rawValue) did \(seen) images a run, not "
                + "\(due); speed-up and efficiency do not account for it."
        ]
    }
}

extension RatioInference {
    /// The ratio with its own 95 % interval.
    fileprivate var unadjusted: Estimate {
        let range = interval()
        return Estimate(value: value, low: range?.lowerBound, high: range?.upperBound)
    }
}

extension Estimate {
    fileprivate init(_ inference: Inference) {
        let range = inference.interval()
        self.init(value: inference.value, low: range?.lowerBound, high: range?.upperBound)
    }

    /// The figure in another unit, above zero.
    fileprivate func scaled(by factor: Double) -> Estimate {
        Estimate(value: value * factor, low: low.map { $0 * factor }, high: high.map { $0 * factor })
    }
}
