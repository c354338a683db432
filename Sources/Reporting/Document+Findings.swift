import Analysis
import Ledger
import Quantities

extension Document {
    /// What was found and what weakens it: sentences of a few comparisons, a table of many.
    static func findings(_ study: Study) -> Section {
        var blocks: [Block] = []
        if let digest = study.digest, digest.rows.count == study.comparisons.count {
            if !digest.summary.isEmpty { blocks.append(.paragraph(digest.summary.joined(separator: " "))) }
            blocks.append(.table(table(digest, study)))
            if !digest.findings.isEmpty { blocks.append(.list(digest.findings)) }
        } else if !study.findings.isEmpty {
            blocks.append(.list(study.findings))
        }
        let warnings = unique((study.digest?.warnings ?? study.warnings) + (study.experiment?.warnings ?? []))
        if !warnings.isEmpty { blocks.append(.warnings(warnings)) }
        if blocks.isEmpty { blocks = [.paragraph("There is nothing to add to the figures below.")] }
        return Section(id: "findings", title: "What was found", blocks: blocks)
    }

    /// Words, each once.
    static func unique(_ words: [String]) -> [String] {
        var seen: Set<String> = []
        return words.filter { seen.insert($0).inserted }
    }

    /// A row a comparison: each figure after the word for what it shows, its interval below.
    private static func table(_ digest: Digest, _ study: Study) -> Table {
        let basis = word(study.basis)
        let joules = ColumnUnit(
            "J",
            for: study.comparisons.compactMap { $0.energySaved?.joulesPerRun.magnitude }.max() ?? 0
        )
        let grams = ColumnUnit(
            "g",
            for: study.comparisons.compactMap { $0.co2eSavedGramsPerRun?.value.magnitude }.max() ?? 0
        )
        let quality = study.comparisons.lazy.compactMap(\.quality).first
        let hasGrams = study.comparisons.compactMap(\.co2eSavedGramsPerRun).contains { $0.isAbove(0) || $0.isBelow(0) }
        var notes = digest.grid.map { ["CO2e is \($0)."] } ?? []
        if study.comparisons.contains(where: { $0.speedup.low != nil }) {
            notes.insert(
                "Below each figure its 95 % interval, adjusted for the number of comparisons; “not shown”: it holds no "
                    + "difference" + (quality.map { " (of \($0.metric): neither kept nor lost)." } ?? "."),
                at: 0
            )
        }
        if let region = study.answers.lazy.compactMap(\.region).first {
            notes.append("Of whole runs; the answers below are of the region “\(region)”.")
        }
        let rows = zip(digest.rows, study.comparisons).map { name, comparison -> [Cell] in
            guard comparison.verdict != .notComparable else {
                return [Cell(name), Cell("not comparable")] + Array(repeating: Cell("–"), count: 5)
            }
            let saved = comparison.energySaved?.joulesPerRun
            return [
                Cell(name), speed(comparison.speedup), energy(comparison),
                Cell(saved.map { significant($0 / joules.factor) } ?? "–"), power(comparison.powerRatio),
                difference(comparison.quality), carbon(comparison.co2eSavedGramsPerRun, grams),
            ]
        }
        return Table(
            caption: digest.shared + ": every comparison in a row.",
            columns: [
                .words("At"), .figures("Speed-up, times as fast"), .figures("Energy saved, \(basis)"),
                .figures("Saved a run, \(basis)", joules.symbol), .figures("Change of power, \(basis)"),
                .figures(quality.map { "Difference of \($0.metric), margin \($0.margin)" } ?? "Quality"),
                .figures("Change of CO2e a run", hasGrams ? grams.symbol : nil),
            ],
            rows: rows,
            note: notes.isEmpty ? nil : notes.joined(separator: " ")
        ).withoutEmptyColumns
    }

    private static func speed(_ ratio: Estimate) -> Cell {
        let figure = ratioCell(ratio)
        let detail = ratio.low.flatMap { low in
            ratio.high.map { high in
                high > farthest
                    ? "\(decimal(low, places: 2)) to > \(decimal(farthest, places: 0))" : figure.detail ?? ""
            }
        }
        return Cell("\(shown(ratio, none: 1, above: "faster", below: "slower")), \(figure.text)", detail: detail)
    }

    private static func energy(_ comparison: Comparison) -> Cell {
        guard let saved = comparison.energySaved else { return Cell("–") }
        let word =
            switch comparison.verdict {
            case .savesEnergy: "saves"
            case .costsEnergy: "costs"
            case .dependsOnIdle: "depends on idle"
            case .noDifferenceShown: saved.low == nil ? "no interval" : "not shown"
            case .notComparable: "not comparable"
            }
        return share(word, Estimate(value: saved.fraction, low: saved.low, high: saved.high))
    }

    private static func power(_ ratio: Estimate?) -> Cell {
        guard let ratio else { return Cell("–") }
        return share(
            shown(ratio, none: 1, above: "more", below: "less"),
            Estimate(value: ratio.value - 1, low: ratio.low.map { $0 - 1 }, high: ratio.high.map { $0 - 1 })
        )
    }

    private static func difference(_ quality: Comparison.Quality?) -> Cell {
        guard let quality else { return Cell("–") }
        let figure = quality.difference
        let words = { (number: Double) in significant(number, digits: 2) }
        return Cell(
            "\(quality.verdict == .notShown ? "not shown" : quality.verdict.rawValue), \(words(figure.value))",
            detail: figure.low.flatMap { low in figure.high.map { "\(words(low)) to \(words($0))" } }
        )
    }

    /// Grams are told where there is a difference.
    private static func carbon(_ saved: Estimate?, _ unit: ColumnUnit) -> Cell {
        guard let saved else { return Cell("–") }
        let word = shown(saved, none: 0, above: "less", below: "more")
        guard saved.isAbove(0) || saved.isBelow(0) else { return Cell(word) }
        let turned = Estimate(value: -saved.value, low: saved.high.map(-), high: saved.low.map(-))
        let figure = unit.cell(turned)
        return Cell("\(word), \(figure.text)", detail: figure.detail)
    }

    /// A fraction in per cent, with its interval as far as it is of use.
    private static func share(_ word: String, _ fraction: Estimate) -> Cell {
        let places = percentPlaces(fraction.low, fraction.high)
        let text = "\(word), \(percent(fraction.value, places: places))"
        guard let low = fraction.low, let high = fraction.high else { return Cell(text) }
        let limit = decimal(farthest, places: 0)
        let first = low * 100 < -farthest ? "< -\(limit)" : decimal(low * 100, places: places)
        let last = high * 100 > farthest ? "> \(limit) %" : percent(high, places: places)
        return Cell(text, detail: "\(first) to \(last)")
    }

    /// The word for the side of `none` that the whole interval lies on.
    private static func shown(_ figure: Estimate, none: Double, above: String, below: String) -> String {
        if figure.isAbove(none) { return above }
        if figure.isBelow(none) { return below }
        return figure.low == nil ? "no interval" : "not shown"
    }
}

/// Ends of intervals beyond this, in times or per cent, say no more than that nothing is known.
private let farthest = 1000.0
