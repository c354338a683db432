internal import Analysis
internal import Ledger
internal import Quantities
internal import Sites

extension Application {
    var scalingBlocks: [Page.Block] {
        guard !scaling.isEmpty else {
            return [.open("A scaling table, from the smallest size on which the work fits.")]
        }
        return scaling.enumerated().flatMap { index, table -> [Page.Block] in
            [.table(self.table(table))] + table.figures(index).map(Page.Block.figure)
                + (table.law.map { [.paragraph($0.sentence)] } ?? [])
        }
    }

    private func table(_ scaling: ScalingTable) -> PageTable {
        let isStrong = scaling.scaling.kind == .strong
        return PageTable(
            caption: "\(scaling.scaling.name): \(isStrong ? "strong" : "weak") scaling over \(scaling.scaling.over).",
            columns: [
                .figures(scaling.unitTitle), .words("Evidence"), .figures("n"), .figures("Time (s)"),
                .figures("Speed-up"), .figures("Efficiency"), .figures("Energy to solution (J)"),
                .figures("J per \(scaling.scaling.unit ?? "unit of work")"),
            ],
            rows: scaling.rows.map { row in
                [
                    "\(row.size)", row.evidence.mark, "\(row.evidence.runs.count)", row.time.withInterval,
                    row.speedup.withInterval, row.efficiency.withInterval, row.energy.withInterval,
                    row.energyPerUnit.withInterval,
                ]
            },
            note:
                "95 % intervals; ratios of arithmetic means with Fieller's interval, whose wider side is given. Energy is "
                + "that of the sensors, for one run."
        ).withoutEmptyColumns
    }

    var energyTable: PageTable {
        let part = { (name: String, amount: Amount?, unit: String, how: String) -> [String]? in
            amount.map { [name, $0.withInterval, unit, how] }
        }
        let total = total
        return PageTable(
            caption: "Energy and emissions of all that is asked for.",
            columns: [.words("Line"), .figures("Amount"), .words("Unit"), .words("How")],
            rows: [
                part("Energy of the nodes", total.nodeEnergy, "kWh", "sensors, mean of the runs times jobs"),
                part("Energy with the facility", total.energy, "kWh", "times unseen hardware and PUE"),
                part("Scope 2, location-based", total.location, "kg CO2e", "times the grid's average"),
                part("Scope 2, market-based", total.market, "kg CO2e", "times the centre's contracts"),
                part("Embodied", total.embodied, "kg CO2e", "node-hours times the site's figure"),
                part("Electricity", total.price, factors.price?.currency ?? "", "times the site's price"),
            ].compactMap(\.self),
            note: "What is a centre's scope 2 is usually its user's scope 3."
        )
    }

    var savingBlocks: [Page.Block] {
        guard !savings.isEmpty else { return [] }
        let table = PageTable(
            caption: "What the campaign saves against the means that it replaces, over all jobs.",
            columns: [
                .words("Configuration"), .words("Evidence"), .words("Instead of"), .figures("Node-h saved"),
                .figures("kWh saved"), .figures("kg CO2e saved (location)"), .figures("kg CO2e saved (embodied)"),
                .words("Quality"),
            ],
            rows: savings.map { saving in
                [
                    saving.line.line.name, saving.line.evidence.mark, saving.baseline.mark,
                    saving.saved.nodeHours.withInterval, saving.saved.energy.withInterval,
                    saving.saved.location.withInterval, saving.saved.embodied.withInterval,
                    saving.comparison?.quality.map { "\($0.metric) \($0.verdict.words)" } ?? "not measured",
                ]
            },
            note:
                "Differences of arithmetic means times jobs, with 95 % intervals, before failed runs and contingency. "
                + "Embodied carbon falls with node time, operational carbon with energy."
                + (savings.count > 1 ? " The intervals are adjusted for \(savings.count) savings (Holm)." : "")
        ).withoutEmptyColumns
        return [.table(table), .list(savings.map(\.proof))]
    }

    /// What the German Research Foundation asks: a short reflection, the largest effects, in prose.
    var sustainability: String {
        let total = total
        var sentences: [String] = []
        if let energy = total.energy {
            sentences.append(
                "The computations of this project are expected to take \(energy.withInterval) kWh of electricity, "
                    + "by the measured runs \(lines.map(\.evidence.mark).uniqued.joined(separator: ", ")) (95 % interval; failed runs of "
                    + "\(percent(failedShare.share)) and a contingency of \(percent(request.contingency)) are included)."
            )
        } else {
            sentences.append(
                "The energy of the computations is not known for all parts of the campaign; they take "
                    + "\(total.nodeHours.withInterval) node-hours."
            )
        }
        var grams: [String] = []
        if let location = total.location { grams.append("\(location.withInterval) kg CO2e by the average of the grid") }
        if let market = total.market { grams.append("\(market.text) kg CO2e by the centre's contracts") }
        if !grams.isEmpty { sentences.append("This is \(grams.joined(separator: ", or ")).") }
        if let embodied = total.embodied {
            sentences.append("The manufacture of the hardware adds \(embodied.withInterval) kg CO2e.")
        }
        if let largest = lines.max(by: { $0.total.nodeHours.value < $1.total.nodeHours.value }), lines.count > 1 {
            let share = largest.total.nodeHours.value / campaign.nodeHours.value
            sentences.append(
                "The largest part, \(percent(share, places: 0)) of the node-hours, is “\(largest.line.name)” (\(largest.evidence.mark))."
            )
        }
        sentences += savings.map(\.sentence)
        if savings.isEmpty {
            sentences.append("No measure that saves energy was compared with its alternative in these runs.")
        }
        return sentences.joined(separator: " ")
    }

    /// How the figures were made, in a paragraph.
    var method: String {
        "Times and energies are arithmetic means of the runs named as evidence, with 95 % intervals by Student's t; sums over "
            + "jobs are prediction intervals, to which the calibration of the sensors and the uncertainty of the factors, "
            + "which all jobs share, add in squares. Energy is that of the sensors that Wattbook read, or Slurm's where "
            + "said so, times the site's factors."
    }
}

extension Saving {
    /// What is saved, with whether quality is kept.
    var sentence: String {
        let name = "“\(line.line.name)” (\(line.evidence.mark)) instead of “\(baseline.reference)” (\(baseline.mark))"
        guard let energy = saved.energy, let before = instead.energy?.value, before > 0 else {
            return "Doing \(name) changes node-hours by \(saved.nodeHours.scaled(by: -1).withInterval)."
        }
        let verb = energy.low.map { $0 > 0 } ?? false ? "saves" : "is not shown to save energy: the difference is"
        return
            "\(name) \(verb) \(energy.withInterval) kWh, \(percent(energy.value / before)) of what the other would take; "
            + qualityWords + "."
    }

    /// The proof that quality is kept, or that there is none.
    var proof: String {
        guard let comparison, let quality = comparison.quality else {
            return
                "“\(line.line.name)”: no quality was judged in \(line.evidence.mark) and \(baseline.mark), so nothing shows that it is kept."
        }
        let difference = [quality.difference.low, quality.difference.high].compactMap(\.self).map {
            significant($0, digits: 2)
        }
        return
            "“\(line.line.name)”: \(quality.metric) \(significant(quality.candidate, digits: 4)) (\(line.evidence.mark), "
            + "\(comparison.candidate.runs) runs) against \(significant(quality.baseline, digits: 4)) (\(baseline.mark), "
            + "\(comparison.baseline.runs) runs), difference \(significant(quality.difference.value, digits: 2))"
            + (difference.count == 2 ? " (\(difference[0]) to \(difference[1]))" : "")
            + ", margin \(quality.margin): \(quality.verdict.words) by one-sided non-inferiority."
    }

    private var qualityWords: String {
        comparison?.quality.map { "\($0.metric) is \($0.verdict.words)" } ?? "whether quality is kept was not measured"
    }
}

extension QualityVerdict {
    var words: String {
        switch self {
        case .kept: "kept"
        case .lost: "lost"
        case .notShown: "not shown to be kept"
        }
    }
}

extension [String] {
    /// Each once, in order.
    fileprivate var uniqued: [String] {
        var known: Set<String> = []
        return filter { known.insert($0).inserted }
    }
}
