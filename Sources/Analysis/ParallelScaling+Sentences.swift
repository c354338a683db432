internal import Ledger
internal import Metering
internal import Quantities
public import Statistics

extension ParallelScaling {
    /// `4 nodes`, `1 rank`.
    public func words(_ units: Int) -> String { units == 1 ? "1 \(over.singular)" : "\(units) \(over.rawValue)" }

    /// Where it stands, as `precision=bf16, weak`; empty where there is one place only.
    public var place: String {
        let levels = setting.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return (levels + (mode == .weak ? ["work that grows"] : [])).joined(separator: ", ")
    }

    /// What follows from the table, the answer first.
    var sentences: [String] {
        [answer].compactMap(\.self) + lawSentences + [energySentence].compactMap(\.self)
    }

    /// What weakens it: points that are missing, and runs without an interval.
    var weaknesses: [String] {
        missing.map { "There is no figure for \(words($0.units))\(at): \($0.reason)" }
            + (points.count > 1 && points.contains { $0.speedup.low == nil && $0.units != points[0].units }
                ? ["Of one run at a number of \(over.rawValue) nothing can be said of chance; repeat."] : [])
    }

    private var at: String { place.isEmpty ? "" : " at \(place)" }
    private var opening: String { place.isEmpty ? "" : "At \(place), " }
    private var noun: String { basis == .measured ? "energy" : "\(basis?.rawValue ?? "") energy" }

    /// How fast the largest number of units is.
    private var answer: String? {
        guard let reference = points.first else { return nil }
        guard let last = points.last, last.units != reference.units else {
            return capitalised("\(opening)there is a figure for \(words(reference.units)) alone, so nothing scales.")
        }
        let share = last.efficiency
        let bounds =
            share.low == nil ? "no interval can be given" : percentRange(share.low, share.high)
        let places = percentPlaces(share.low, share.high)
        let figure = "\(ratioText(last.speedup)) times"
        let fast = mode == .strong ? "run \(figure) as fast as" : "do \(figure) the work of"
        return capitalised(
            "\(opening)\(words(last.units)) \(fast) \(words(reference.units))"
                + (mode == .strong ? "" : " in the same time")
                + ": an efficiency of \(percent(share.value, places: places)) (\(bounds))."
        )
    }

    // MARK: Laws

    private var lawSentences: [String] {
        guard let fit = carriedFit else {
            let law = ScalingLaw.laws(growing: mode == .weak)[0]
            return [
                capitalised(
                    "\(opening)no law is fitted: \(law.words) takes \(law.fewestPoints) numbers of \(over.rawValue), "
                        + "and there are \(points.count)."
                )
            ]
        }
        return [capitalised(opening + sentence(fit)), universalNote].compactMap(\.self)
    }

    private func sentence(_ fit: Fit) -> String {
        let serial = fit.serialFraction
        let part = fit.law == .universal ? "a contention of" : "a serial fraction of"
        let figure = "\(part) \(percent(serial.value, places: fractionPlaces(serial)))"
        let subject = "\(fit.law.words) through these times gives \(figure)"
        var text = subject
        if let low = serial.low, let high = serial.high {
            let places = fractionPlaces(serial)
            text += " (\(decimal(low * 100, places: places)) to \(percent(high, places: places)))"
            if low <= 0 {
                text += high < 0 ? ": it gains more than its \(over.rawValue)" : ", so that none is shown"
            } else if fit.law == .amdahl {
                let most = significant(1 / serial.value, digits: 2)
                text += ": never more than \(most) times as fast as 1 \(over.singular)"
            }
        } else {
            text += "; no interval can be given"
        }
        if let peak = fit.peakUnits {
            let bounds = peak.low.flatMap { low in
                peak.high.map { " (\(significant(low, digits: 2)) to \(significant($0, digits: 2)))" }
            }
            let beyond = peak.value > Double(points.last?.units ?? 0) ? ", which is beyond what was run" : ""
            text +=
                "; throughput is largest at about \(significant(peak.value, digits: 2)) \(over.rawValue)"
                + "\(bounds ?? "")\(beyond)"
        }
        if let p = fit.lackOfFitP, p < 0.05 {
            text += ". The times lie off this law by more than their repeats scatter, so take it as a summary"
        }
        return text + "."
    }

    /// Why the universal law is not the one that is told.
    private var universalNote: String? {
        guard carriedFit?.law != .universal else { return nil }
        guard fits.contains(where: { $0.law == .universal }) else {
            let need = ScalingLaw.universal.fewestPoints
            return "\(ScalingLaw.universal.words.capitalisedFirst) is not fitted: it takes \(need) numbers of "
                + "\(over.rawValue), and there are \(points.count)."
        }
        return "That throughput turns at some number of \(over.rawValue) (\(ScalingLaw.universal.words)) is not shown."
    }

    private func fractionPlaces(_ estimate: Estimate) -> Int {
        guard let low = estimate.low, let high = estimate.high else { return 1 }
        return min(2, max(0, supportedPlaces(uncertainty: (high - low) * 50)))
    }

    // MARK: Energy

    private var energySentence: String? {
        guard let least = leastEnergy else { return nil }
        let what =
            switch costShare {
            case .solution: "\(noun) to solution"
            case .image: "\(noun) an image"
            case .unit: "\(noun) of the work of 1 \(over.singular)"
            }
        let number = "\(words(least.units)), \(Joules(least.cost.value).formatted())"
        let others = least.neighbours.map { "\(words($0.units)) take \(ratioText($0.ratio)) times that\(bounds($0))" }
        let beside = others.joined(separator: ", ")
        guard least.isShown else {
            let equal = least.candidates.map { "\($0)" }.joined(separator: ", ")
            return capitalised(
                "\(opening)\(what) is least at \(number), which is not shown against its neighbours: \(beside). "
                    + "The least may be at any of \(equal) \(over.rawValue)."
            )
        }
        let isFewest = least.units == points.first?.units
        let edge = isFewest ? "fewest" : "most"
        let isInside = least.units == 1 || !least.isAtEdge
        let beyond = isInside ? "" : "; that is the \(edge) that were run, and it may be lower beyond"
        return capitalised("\(opening)\(what) is least at \(number): \(beside)\(beyond).")
    }

    private func bounds(_ other: LeastEnergy.Other) -> String {
        other.ratio.low == nil ? "" : " (\(rangeText(other.ratio)))"
    }

    private func capitalised(_ text: String) -> String { text.capitalisedFirst }
}

extension String {
    fileprivate var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}

extension ScalingLaw {
    /// Its name in a sentence.
    public var words: String {
        switch self {
        case .amdahl: "Amdahl's law"
        case .gustafson: "Gustafson's law"
        case .universal: "the universal scalability law"
        }
    }
}
