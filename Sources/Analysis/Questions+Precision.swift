internal import Ledger
internal import Metering
internal import Quantities
internal import Statistics

extension Questions {
    /// How much faster, and how many joules less, is mixed precision? `nil` where no arm can be set against fp32.
    var precisionAnswer: Answer? {
        guard let precision, !gains.isEmpty else { return nil }
        let speedups = family(gains.map { $0.contrast.speedup(in: window).map(Evidence.init) })
        let energies = family(gains.map { $0.contrast.energyRatio(in: window).map(Evidence.init) })
        let rows = gains.indices.map { index in
            GainRow(
                gain: gains[index],
                place: subject(gains[index]),
                speedup: speedups[index]?.estimate,
                energy: energies[index]?.estimate,
                saved: energies[index].flatMap { saved(gains[index].contrast, alpha: $0.alpha) }
            )
        }
        let alone = rows.filter(\.gain.algorithms.isPrecisionAlone)
        let asked = alone.isEmpty ? rows : alone
        let mixed = levels(of: precision).filter { level in gains.contains { $0.levels[precision] == level } }
        return Answer(
            question: .precision,
            factor: precision,
            title: "How much faster, and how many joules less, is \(series(mixed, or: true))?",
            verdict: verdict(asked),
            sentence: sentence(asked, all: rows),
            region: window.region,
            per: window.per,
            basis: energies.contains { $0 != nil } ? basis : nil,
            figures: rows.flatMap(\.figures)
        )
    }

    /// The levels of a factor in plan order, without single precision.
    func levels(of factor: String) -> [String] {
        (experiment.factors.first { $0.name == factor }?.levels ?? []).filter { factor != precision || $0 != single }
    }

    /// A gain in words, as `bf16 in keras, filters=8`.
    func subject(_ gain: Gain) -> String {
        let isBest = gain.isBestAgainstBest
        let place = place(gain.levels, without: [precision, isBest && gain.algorithms == .best ? algorithm : nil])
        let words = gain.contrast.names.candidate + (place.isEmpty ? "" : ": \(place)")
        // What all differ in the sentence says once.
        if gain.algorithms == .different, gain.options.isEmpty || gains.contains(where: \.algorithms.isPrecisionAlone) {
            return words + " (other \(gain.options.isEmpty ? "algorithm" : series(gain.options, or: false)))"
        }
        return isBest ? words + " (best against best)" : words
    }

    /// Joules of the baseline less those of the candidate; the sensors' gain, which both share, moves the difference too.
    private func saved(_ contrast: Contrast, alpha: Double) -> Estimate? {
        let shared = 2 * (contrast.baseline.first?.calibrationUncertainty ?? 0)
        return contrast.saved(window.joules, [(window.joules, shared)], alpha)
    }

    /// Yes where every gain is faster and, where joules are known, takes less; no where every one is slower.
    private func verdict(_ rows: [GainRow]) -> Answer.Verdict {
        let gained = rows.filter { $0.isFaster && ($0.energy == nil || $0.savesEnergy) }.count
        if gained == rows.count { return .yes }
        if rows.allSatisfy({ ($0.speedup?.high ?? .infinity) < 1 }) { return .no }
        return rows.contains { $0.isFaster || $0.savesEnergy } ? .partly : .notShown
    }

    private func sentence(_ asked: [GainRow], all: [GainRow]) -> String {
        let mixed = distinct(asked.map(\.gain.contrast.names.candidate))
        var text = (asked.count == 1 ? one(asked[0]) : many(asked, mixed: mixed)) + caveat(asked.map(\.gain))
        text += leftOut(asked.map(\.gain))
        let best = all.filter(\.gain.isBestAgainstBest)
        if asked.contains(where: \.gain.algorithms.isPrecisionAlone),
            let speedup = best.max(by: { $0.factor < $1.factor })?.speedup
        {
            let names = distinct(best.compactMap { row in framework.flatMap { row.gain.levels[$0] } })
            text += names.isEmpty ? "; each" : "; \(series(names, or: false)), each"
            text += " at its fastest algorithm, at most \(ratioText(speedup)) times (\(rangeText(speedup)))"
        }
        return text + "."
    }

    private func one(_ row: GainRow) -> String {
        let (mixed, single) = (row.gain.contrast.names.candidate, row.gain.contrast.names.baseline)
        let names = distinct(gains.compactMap { gain in framework.flatMap { gain.levels[$0] } })
        let place = names.count > 1 ? framework.flatMap { row.gain.levels[$0] }.map { " in \($0)" } ?? "" : ""
        var text = "No time of \(mixed)\(place) can be set beside \(single)'s"
        if let speedup = row.speedup {
            let bounds = speedup.low == nil ? "no interval can be given" : rangeText(speedup)
            text = "\(mixed)\(place) ran \(ratioText(speedup)) times as fast as \(single) (\(bounds))"
            if !row.isFaster, speedup.low != nil, (speedup.high ?? 0) >= 1 {
                text += ", which shows no difference in speed,"
            }
        }
        guard let energy = row.energy, let saved = row.saved else { return text }
        let bounds = energy.low == nil ? "no interval can be given" : rangeText(energy)
        let less = saved.value < 0 ? "more" : "less"
        text +=
            " and took \(ratioText(energy)) times its \(joules) (\(bounds)), "
            + "\(Joules(saved.value.magnitude).formatted()) \(less)\(anImage)"
        if !row.savesEnergy, energy.low != nil, (energy.low ?? 0) <= 1 { text += ": no difference in energy is shown" }
        return text
    }

    private func many(_ rows: [GainRow], mixed: [String]) -> String {
        let speedups = rows.compactMap(\.speedup)
        let energies = rows.compactMap(\.energy)
        guard !speedups.isEmpty else { return "No time of \(series(mixed, or: true)) can be set beside \(single)'s" }
        var text = "\(series(mixed, or: false)) ran \(span(speedups)) times as fast as \(single)"
        if !energies.isEmpty { text += " and took \(span(energies)) times its \(joules)" }
        let faster = rows.filter(\.isFaster).count
        let slower = rows.filter { ($0.speedup?.high ?? .infinity) < 1 }.count
        var counts = ["it is shown to be faster in \(faster) of \(rows.count) combinations"]
        if slower > 0 { counts.append("slower in \(slower)") }
        if !energies.isEmpty {
            counts.append("to take less energy in \(rows.filter(\.savesEnergy).count)")
            let more = rows.filter { ($0.energy?.low ?? 0) > 1 }.count
            if more > 0 { counts.append("more in \(more)") }
        }
        text += "; \(counts.joined(separator: ", "))"
        if let best = rows.max(by: { $0.factor < $1.factor }), let speedup = best.speedup {
            text += "; the largest speed-up is \(ratioText(speedup)) (\(rangeText(speedup))) of \(best.place)"
            if let saved = best.saved {
                let less = saved.value < 0 ? "more" : "less"
                text += ", \(Joules(saved.value.magnitude).formatted()) of \(joules) \(less)\(anImage)"
            }
        }
        return text
    }

    /// What joules are of, behind a figure; empty where it is all.
    private var anImage: String { window.per.map { " an \($0)" } ?? "" }

    /// What the joules are called, as `modelled joules`.
    var joules: String { basis.map { "\($0.rawValue) joules" } ?? "joules" }

    /// The smallest and the largest of figures, as `0.98 to 1.71`.
    func span(_ estimates: [Estimate]) -> String {
        let sorted = estimates.sorted { $0.value < $1.value }
        guard let least = sorted.first, let most = sorted.last else { return "unknown" }
        let (low, high) = (decimal(least.value, places: 2), decimal(most.value, places: 2))
        return low == high ? low : "\(low) to \(high)"
    }
}

/// Words in a row, as `fp16 or bf16`.
func series(_ words: [String], or isChoice: Bool) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + (isChoice ? " or " : " and ") + last
}

/// A gain with its adjusted figures.
private struct GainRow {
    var gain: Gain
    var place: String
    var speedup: Estimate?
    var energy: Estimate?
    var saved: Estimate?

    var factor: Double { speedup?.value ?? 0 }
    var isFaster: Bool { (speedup?.low ?? 0) > 1 }
    var savesEnergy: Bool { (energy?.high ?? .infinity) < 1 }

    var figures: [Answer.Figure] {
        [(Answer.Quantity.speedup, speedup), (.energyRatio, energy), (.energySaved, saved)].compactMap { pair in
            pair.1.map {
                Answer.Figure(
                    quantity: pair.0,
                    subject: place,
                    reference: gain.contrast.names.baseline,
                    levels: gain.levels,
                    estimate: $0,
                    algorithms: gain.algorithms
                )
            }
        }
    }
}
