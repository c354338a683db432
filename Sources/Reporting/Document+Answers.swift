import Analysis
import Charts
import Ledger
import Quantities

extension Document {
    /// The study's questions, each with its sentence, its picture and the figures behind both; `nil` where none is asked.
    static func answers(_ study: Study) -> Section? {
        guard !study.answers.isEmpty else { return nil }
        let blocks = study.answers.enumerated().flatMap { index, answer -> [Block] in
            [.heading(answer.title), .paragraph(answer.sentence)] + pictures(answer, study, id: "answer-\(index)")
                + (answer.figures.isEmpty ? [] : [.table(table(answer))])
        }
        let region = study.answers.lazy.compactMap(\.region).first
        let about =
            (region.map {
                "Times and joules here are of the region “\($0)” of a run: what its program does before and after is "
                    + "left out, a first step that compiles only where it takes one before"
            } ?? "Times and joules here are of whole runs")
            + (study.answers.contains { $0.per != nil } ? ", each over its images" : "")
            + "; intervals are 95 % by Student's t, adjusted for the number of figures of a kind in an answer, but for "
            + "means, each of which has its own. Those of energy saved hold the uncertainty that both sides share too, which ratios are free of and means leave out."
        return Section(id: "answers", title: "The study's questions", blocks: blocks + [.paragraph(about)])
    }

    private static func pictures(_ answer: Answer, _ study: Study, id: String) -> [Block] {
        switch answer.question {
        case .precision:
            let figures = [
                forest(answer, .speedup, id: id, published: study.experiment?.published ?? []),
                forest(answer, .energyRatio, id: id),
            ].compactMap(\.self)
            return side(figures)
        case .size:
            let figures = [sizes(answer, .speedup, id: id), sizes(answer, .energyRatio, id: id)].compactMap(\.self)
            return side(figures)
        case .framework:
            let bars = [bars(answer, .duration, id: id), bars(answer, .energy, id: id)].compactMap(\.self)
            let gains = [forest(answer, .speedupGainRatio, id: id), forest(answer, .energyGainRatio, id: id)]
                .compactMap(\.self)
            return side(bars) + side(gains)
        case .quality:
            return [forest(answer, .qualityDifference, id: id)].compactMap(\.self).map { .figure($0) }
        }
    }

    /// Side by side, unless names of arms would be cut in half a page.
    private static func side(_ figures: [Figure]) -> [Block] {
        let isCut = figures.contains { $0.narrow.svg(id: "").contains("…</text>") }
        return figures.isEmpty ? [] : isCut ? figures.map { .figure($0) } : [.pair(figures)]
    }

    private static func forest(
        _ answer: Answer,
        _ quantity: Answer.Quantity,
        id: String,
        published: [PublishedSpeedup] = []
    ) -> Figure? {
        let figures = answer.figures(quantity)
        guard !figures.isEmpty else { return nil }
        let isGain = quantity == .speedupGainRatio || quantity == .energyGainRatio
        let rows = figures.map { figure in
            ForestPlot.Row(
                label: isGain ? "\(figure.subject) over \(figure.reference ?? "")" : figure.subject,
                value: figure.estimate.value,
                low: figure.estimate.low,
                high: figure.estimate.high
            )
        }
        let others = published.map { figure in
            ForestPlot.Row(label: figure.label, value: figure.speedup, low: nil, high: nil, isPublished: true)
        }
        let (below, above) = directions(quantity)
        let plot = ForestPlot(
            title: "\(answer.title) \(name(quantity, answer))",
            quantity: name(quantity, answer),
            below: below,
            above: above,
            axis: quantity == .qualityDifference ? .difference(margin: figures[0].margin) : .ratio,
            rows: rows + others
        )
        let caption =
            name(quantity, answer) + ", 95 % intervals" + (others.isEmpty ? "" : "; hollow: published by others")
        return Figure(id: "\(id)-\(quantity.rawValue)", caption: caption, plot.draw)
    }

    private static func directions(_ quantity: Answer.Quantity) -> (String, String) {
        switch quantity {
        case .speedup: ("slower", "faster")
        case .speedupGainRatio: ("gains less", "gains more")
        case .energyGainRatio: ("saves more", "saves less")
        default: ("less energy", "more")
        }
    }

    private static func sizes(_ answer: Answer, _ quantity: Answer.Quantity, id: String) -> Figure? {
        let slopes = answer.figures(quantity == .speedup ? .speedupPerDoubling : .energyRatioPerDoubling)
        let series = slopes.map { slope in
            let points = answer.figures(quantity).filter { figure in
                figure.levels.allSatisfy { $0.key == answer.factor || slope.levels[$0.key] == $0.value }
            }
            let words = ratioCell(slope.estimate)
            return SizePlot.Series(
                label: slope.subject,
                entries: points.compactMap { point in
                    point.levels[answer.factor].flatMap(Double.init).map {
                        SizePlot.Entry(
                            size: $0,
                            value: point.estimate.value,
                            low: point.estimate.low,
                            high: point.estimate.high
                        )
                    }
                },
                slope: "× \(words.text)\(words.detail.map { " (\($0))" } ?? "")"
            )
        }
        let plot = SizePlot(
            title: "\(name(quantity, answer)) over \(answer.factor)",
            quantity: name(quantity, answer),
            size: answer.factor,
            series: series
        )
        let caption =
            "\(name(quantity, answer)) over \(answer.factor), 95 % intervals; in the legend the factor of each doubling"
        return Figure(id: "\(id)-\(quantity.rawValue)", caption: caption, plot.draw)
    }

    /// Every framework at every place, the frameworks of a place together.
    private static func bars(_ answer: Answer, _ quantity: Answer.Quantity, id: String) -> Figure? {
        let figures = answer.figures(quantity)
        var names: [String] = []
        var groups: [GroupedBars.Group] = []
        for figure in figures {
            let name = figure.levels[answer.factor] ?? ""
            if !names.contains(name) { names.append(name) }
            let bar = GroupedBars.Bar(
                label: figure.subject,
                series: names.firstIndex(of: name) ?? 0,
                value: figure.estimate.value,
                low: figure.estimate.low,
                high: figure.estimate.high
            )
            let place = figure.place ?? ""
            if let index = groups.firstIndex(where: { $0.label == place }) {
                groups[index].bars.append(bar)
            } else {
                groups.append(GroupedBars.Group(label: place, bars: [bar]))
            }
        }
        let plot = GroupedBars(
            title: "\(name(quantity, answer)) by \(answer.factor)",
            quantity: name(quantity, answer),
            unit: quantity == .duration ? "s" : "J",
            groups: groups
        )
        let caption = "\(name(quantity, answer)) by \(answer.factor), means with 95 % intervals"
        return Figure(id: "\(id)-\(quantity.rawValue)", caption: caption, plot.draw)
    }

    /// A quantity as an axis says it, its joules with their basis.
    private static func name(_ quantity: Answer.Quantity, _ answer: Answer) -> String {
        let basis = word(answer.basis)
        let each = answer.per.map { " an \($0)" } ?? ""
        return switch quantity {
        case .speedup: "Speed-up"
        case .energyRatio: "Energy ratio, \(basis)"
        case .energySaved: "Energy saved\(each), \(basis)"
        case .speedupPerDoubling: "Speed-up, factor a doubling"
        case .energyRatioPerDoubling: "Energy ratio, factor a doubling, \(basis)"
        case .duration: "Time of \(answer.region ?? "a run")\(each)"
        case .energy: "Energy of \(answer.region ?? "a run")\(each), \(basis)"
        case .speedupGainRatio: "Speed-up of one over that of the other"
        case .energyGainRatio: "Energy ratio of one over that of the other, \(basis)"
        case .qualityDifference: "Difference of \(answer.factor)"
        }
    }

    /// One row for each subject, its quantities beside each other.
    private static func table(_ answer: Answer) -> Table {
        let shown = answer.figures.filter { figure in
            // The points of a slope stand in the first answer already.
            answer.question != .size || [.speedupPerDoubling, .energyRatioPerDoubling].contains(figure.quantity)
        }
        var rows: [[Answer.Figure]] = []
        for figure in shown {
            let row = rows.firstIndex { row in
                let first = row[0]
                return first.subject == figure.subject && first.reference == figure.reference
                    && first.place == figure.place && first.algorithms == figure.algorithms
                    && !row.contains { $0.quantity == figure.quantity }
            }
            if let row { rows[row].append(figure) } else { rows.append([figure]) }
        }
        let quantities = Answer.Quantity.allCases.filter { quantity in shown.contains { $0.quantity == quantity } }
        let units = quantities.map { quantity in
            let largest = shown.filter { $0.quantity == quantity }.map(\.estimate.value.magnitude).max() ?? 0
            return quantity.unit.map { ColumnUnit($0, for: largest) }
        }
        return Table(
            caption: "The figures behind it. In a word: \(phrase(answer.verdict)).",
            columns: [.words("Of"), .words("At"), .words("Against"), .words("Algorithms")]
                + zip(quantities, units).map { .figures(name($0, answer), $1?.symbol) } + [.figures("Margin")],
            rows: rows.map { row in
                [
                    Cell(row[0].subject), Cell(row[0].place ?? "–"), Cell(row[0].reference ?? "–"),
                    Cell(row[0].algorithms.map(phrase) ?? "–"),
                ]
                    + zip(quantities, units).map { quantity, unit in
                        guard let figure = row.first(where: { $0.quantity == quantity }) else { return Cell("–") }
                        return value(figure, unit)
                    } + [Cell(row[0].margin.map { significant($0, digits: 2) } ?? "–")]
            }
        ).withoutEmptyColumns
    }

    private static func value(_ figure: Answer.Figure, _ unit: ColumnUnit?) -> Cell {
        if let unit { return unit.cell(figure.estimate) }
        return figure.quantity == .qualityDifference
            ? ColumnUnit(plain: "").cell(figure.estimate) : ratioCell(figure.estimate)
    }

    private static func phrase(_ algorithms: Answer.Algorithms) -> String {
        switch algorithms {
        case .same: "the same"
        case .untold: "the library's, untold"
        case .best: "best against best"
        case .different: "different: not precision alone"
        }
    }

    private static func phrase(_ verdict: Answer.Verdict) -> String {
        verdict == .notShown ? "not shown" : verdict.rawValue
    }
}

extension Answer.Quantity {
    /// The unit's symbol without prefix; `nil` of ratios and of what has the metric's unit.
    fileprivate var unit: String? {
        switch self {
        case .duration: "s"
        case .energy, .energySaved: "J"
        default: nil
        }
    }
}
