import Analysis
import Carbon
import Charts
import Ledger
import Metering
import Quantities

extension Document {
    /// Puts a report into words, tables and pictures.
    init(_ report: Report) {
        let study = report.study
        title = study.title
        subtitle = Self.subtitle(study)
        verdict = Self.verdict(study)
        highlights = Self.highlights(study)
        sections = [
            Self.findings(study),
            Self.scaling(study),
            Self.answers(study),
            Self.arms(study),
            Self.devices(study),
            Self.power(report),
            Self.speed(study),
            Self.carbon(report).adding(Self.hours(study.runs, carbon: report.carbon)),
            Self.machines(study.hosts),
            Self.method(report),
            Self.paper(report),
            Self.runs(report),
        ].compactMap(\.self)
    }

    /// The verdict, which never goes without the word that says whether its joules were modelled.
    static func verdict(_ study: Study) -> String {
        guard let basis = study.basis, basis != .measured, !study.verdict.contains(basis.rawValue) else {
            return study.verdict
        }
        return "\(study.verdict) All joules here are \(basis.rawValue)."
    }

    private static func subtitle(_ study: Study) -> String {
        let times = study.runs.map(\.start.startedAt)
        let hosts = study.hosts.map(\.name).filter { !$0.isEmpty }
        var parts = [counted(study.runs.count, "run") + " of " + counted(study.arms.count, "arm")]
        if !hosts.isEmpty { parts.append("on " + listed(hosts)) }
        if let first = times.min() { parts.append(dateAndTime(microseconds: first)) }
        return parts.joined(separator: ", ")
    }
}

extension Document {
    private static func arms(_ study: Study) -> Section {
        guard !study.arms.isEmpty else {
            let reason = "No finished measurement run is in this report, so there are no figures."
            return Section(id: "arms", title: "Arms", blocks: [.paragraph(reason)])
        }
        var blocks: [Block] = [.table(armTable(study))]
        if let table = metricTable(study) { blocks.append(.table(table)) }
        if let table = targetTable(study) { blocks.append(.table(table)) }
        if let table = countTable(study) { blocks.append(.table(table)) }
        if !study.comparisons.isEmpty {
            blocks.append(.heading("Beside the baseline"))
            let plots = [forest(study, energy: true), forest(study, energy: false)].compactMap(\.self)
            if !plots.isEmpty { blocks.append(.pair(plots)) }
            blocks.append(.table(comparisonTable(study)))
            blocks.append(.table(furtherTable(study)))
            if study.comparisons.contains(where: { $0.quality != nil }) { blocks.append(.table(qualityTable(study))) }
        } else {
            let work = study.answers.first { $0.per != nil }.flatMap(\.region)
            let reason =
                work.map {
                    "Whole runs did different amounts of work, so no ratio of them is given: those of an image in region "
                        + "\($0) stand under The study's questions."
                } ?? "There is no baseline to compare with, so no ratio is given."
            blocks.append(.paragraph(reason))
        }
        return Section(id: "arms", title: "Arms", blocks: blocks)
    }

    private static func armTable(_ study: Study) -> Table {
        let arms = study.arms
        let energy = ColumnUnit("J", for: arms.compactMap { $0.energy?.value }.max() ?? 0)
        let image = ColumnUnit("J", for: arms.compactMap { $0.joulesPerImage?.value }.max() ?? 0)
        let grams = ColumnUnit("g", for: arms.compactMap { $0.co2e?.value }.max() ?? 0)
        let plain = ColumnUnit(plain: "")
        let columns: [Table.Column] = [
            .words("Arm"), .figures("Runs"), .figures("Duration", "s"),
            .figures("Energy, \(word(study.basis))", energy.symbol), .figures("Above idle", energy.symbol),
            .figures("Mean power", "W"),
            .figures("Throughput", "images/s"), .figures("Energy an image", image.symbol),
            .figures("CO2e", grams.symbol),
        ]
        let rows = arms.map { arm -> [Cell] in
            let label = Cell(arm.label, detail: arm.isBaseline && arms.count > 1 ? "baseline" : nil)
            let sensors = arm.calibration
            let figures = [
                plain.cell(arm.duration, floor: 0), energy.cell(arm.energy, calibration: sensors, floor: 0),
                energy.cell(arm.netEnergy, calibration: sensors),
                plain.cell(arm.meanPower, calibration: sensors, floor: 0), plain.cell(arm.throughput, floor: 0),
                image.cell(arm.joulesPerImage, calibration: sensors, floor: 0),
                grams.cell(arm.co2e, calibration: max(sensors, study.gramsUncertainty), floor: 0),
            ]
            return [label, Cell("\(arm.runIDs.count)")] + figures
        }
        return Table(
            caption: "Every arm: means over its runs.",
            columns: columns,
            rows: rows,
            note:
                "Below each mean its 95 % interval from the repeats; none where one run allows none, and never below 0"
                + (arms.contains { $0.netEnergy != nil } ? " but above idle" : "") + ". The digits are "
                + "those that the calibration of the sources supports too."
                + (arms.contains { $0.throughput != nil && $0.joulesPerImage != nil }
                    ? " Throughput is that of a region train or infer where runs mark one, an image's energy the whole run's."
                    : "")
        ).withoutEmptyColumns
    }

    /// What the workload reported, apart from what the meter did.
    private static func metricTable(_ study: Study) -> Table? {
        let metrics = Set(study.arms.flatMap(\.metrics.keys)).sorted()
        guard !metrics.isEmpty else { return nil }
        return Table(
            caption: "What the workload reported: means over the runs of an arm.",
            columns: [.words("Arm")] + metrics.map { .figures($0) },
            rows: study.arms.map { arm in
                [Cell(arm.label)] + metrics.map { ColumnUnit(plain: "").cell(arm.metrics[$0]) }
            }
        )
    }

    private static func forest(_ study: Study, energy: Bool) -> Figure? {
        let rows = study.comparisons.compactMap { comparison -> ForestPlot.Row? in
            guard let ratio = energy ? comparison.energyRatio : comparison.speedup else { return nil }
            return ForestPlot.Row(
                label: comparison.candidate.label,
                value: ratio.value,
                low: ratio.low,
                high: ratio.high
            )
        }
        let plot =
            energy
            ? ForestPlot(
                title: "Energy ratio of every arm (\(word(study.basis)))",
                quantity: "Energy, arm over baseline (\(word(study.basis)))",
                below: "less energy",
                above: "more",
                rows: rows
            )
            : ForestPlot(
                title: "Speed-up of every arm",
                quantity: "Speed-up: baseline time over arm time",
                below: "slower",
                above: "faster",
                rows: rows
            )
        let caption =
            energy
            ? "Energy ratio (\(word(study.basis))), 95 % intervals"
            : "Speed-up, 95 % intervals"
        return Figure(id: energy ? "energy-ratio" : "speed-up", caption: caption, plot.draw)
    }

    private static func comparisonTable(_ study: Study) -> Table {
        let rows = study.comparisons.map { comparison -> [Cell] in
            let saved = comparison.energySaved
            let fraction = saved.map { saving -> Cell in
                let places = percentPlaces(saving.low, saving.high)
                let words = { (fraction: Double) in percent(fraction, places: places) }
                let detail = saving.low.flatMap { low in saving.high.map { "\(words(low)) to \(words($0))" } }
                return Cell(words(saving.fraction), detail: detail)
            }
            return [
                Cell(comparison.candidate.label, detail: "against \(comparison.baseline.label)"),
                Cell(phrase(comparison), detail: comparison.relevance.map(phrase)),
                ratioCell(comparison.speedup), ratioCell(comparison.energyRatio),
                Cell(probability(comparison.energyRatio?.p)), fraction ?? Cell("–"),
                Cell(saved.map { Joules($0.joulesPerRun).formatted() } ?? "–"),
            ]
        }
        return Table(
            caption: "Every arm beside its baseline.",
            columns: [
                .words("Arm"), .words("Verdict"), .figures("Speed-up"), .figures("Energy ratio"), .figures("p, energy"),
                .figures("Energy saved"), .figures("Saved a run, \(word(study.basis))"),
            ],
            rows: rows,
            note: "95 % intervals from the repeats, adjusted where several comparisons stand together."
        ).withoutEmptyColumns
    }

    private static func furtherTable(_ study: Study) -> Table {
        Table(
            caption: "What follows from the same runs.",
            columns: [
                .words("Arm"), .figures("Power ratio"), .figures("Energy ratio above idle"),
                .figures("Energy-delay ratio"), .figures("Effect, energy", "sd"),
            ],
            rows: study.comparisons.map { comparison in
                [
                    Cell(comparison.candidate.label, detail: "against \(comparison.baseline.label)"),
                    ratioCell(comparison.powerRatio), ratioCell(comparison.netEnergyRatio),
                    ratioCell(comparison.edpRatio), effectCell(comparison.effectSize),
                ]
            },
            note: study.comparisons.contains { $0.effectSize != nil }
                ? "The effect is the difference of log energy in standard deviations, below 0 where the arm takes less "
                    + "(Hedges' g; of pairs, in those of their differences)." : nil
        ).withoutEmptyColumns
    }

    private static func effectCell(_ effect: Comparison.Effect?) -> Cell {
        guard let effect else { return Cell("–") }
        let detail = effect.low.flatMap { low in
            effect.high.map { "\(significant(low, digits: 2)) to \(significant($0, digits: 2))" }
        }
        return Cell(significant(effect.value, digits: 2), detail: detail)
    }

    private static func qualityTable(_ study: Study) -> Table {
        let rows = study.comparisons.compactMap { comparison -> [Cell]? in
            guard let quality = comparison.quality else { return nil }
            let verdict = quality.verdict == .notShown ? "not shown to be kept" : quality.verdict.rawValue
            return [
                Cell(comparison.candidate.label), Cell(quality.metric), Cell(significant(quality.baseline, digits: 4)),
                Cell(significant(quality.candidate, digits: 4)), ColumnUnit(plain: "").cell(quality.difference),
                Cell("\(quality.margin)"), Cell(verdict),
            ]
        }
        return Table(
            caption: "Quality, judged by one-sided non-inferiority at the plan's margin.",
            columns: [
                .words("Arm"), .words("Metric"), .figures("Baseline"), .figures("Arm's value"), .figures("Difference"),
                .figures("Margin"), .words("Quality"),
            ],
            rows: rows
        )
    }

    private static func phrase(_ relevance: EnergyRelevance) -> String {
        switch relevance {
        case .relevant: "large enough to matter"
        case .negligible: "too small to matter"
        case .undecided: "undecided whether it matters"
        }
    }

    /// A verdict as people say it.
    static func phrase(_ comparison: Comparison) -> String {
        switch comparison.verdict {
        case .savesEnergy: "saves energy"
        case .costsEnergy: "costs energy"
        case .noDifferenceShown: comparison.isSingle ? "one run a side can show nothing" : "no difference shown"
        case .dependsOnIdle: "depends on idle: saves only if the node is released sooner"
        case .notComparable: "not comparable"
        }
    }
}
