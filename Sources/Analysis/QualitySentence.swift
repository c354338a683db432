internal import Quantities

extension Contrast {
    /// The verdict on quality with its figures; what is not shown is told with the chance that it had.
    func qualitySentence(_ quality: Comparison.Quality) -> String {
        let values = "\(significant(quality.candidate, digits: 4)) against \(significant(quality.baseline, digits: 4))"
        let metric = quality.metric
        guard !quality.isDeterministic else { return sameEverywhere(quality, values: values) }
        var difference = "a difference of \(significant(quality.difference.value, digits: 2))"
        if let low = quality.difference.low, let high = quality.difference.high {
            difference += " (\(significant(low, digits: 2)) to \(significant(high, digits: 2)))"
        }
        switch quality.verdict {
        case .kept: return "\(metric) is kept: \(values), \(difference), within the margin of \(quality.margin)."
        case .lost: return "\(metric) is lost: \(values), \(difference), beyond the margin of \(quality.margin)."
        case .notShown:
            return "that \(metric) is kept is not shown: \(values), \(difference), margin \(quality.margin)."
                + power(of: quality)
        }
    }

    /// Equal values in every pair come of a deterministic workload, where repeats add nothing.
    private func sameEverywhere(_ quality: Comparison.Quality, values: String) -> String {
        let (verdict, side) = quality.verdict == .kept ? ("kept", "within") : ("lost", "beyond")
        let place = isPaired ? "in all \(baseline.count) pairs" : "between all runs"
        guard quality.difference.value != 0 else {
            return
                "\(quality.metric) is \(verdict): the same on both sides \(place) (\(significant(quality.candidate, digits: 4))), "
                + "without any spread, so nothing is left to test."
        }
        return "\(quality.metric) is \(verdict): \(values), the same difference of "
            + "\(significant(quality.difference.value, digits: 2)) \(place), \(side) the margin of \(quality.margin); "
            + "without any spread nothing is left to test."
    }

    private func power(of quality: Comparison.Quality) -> String {
        guard let power = quality.power else { return "" }
        let unit = isPaired ? "pairs" : "runs an arm"
        let count = isPaired ? baseline.count : min(baseline.count, candidate.count)
        let chance =
            power < 0.01
            ? "in hardly any such experiment" : "in \(percent(power, places: 0)) of such experiments"
        var text =
            " With this spread and \(count) \(unit), a candidate that loses nothing would be shown to keep it \(chance)"
        if let wanted = quality.repeatsForPower, wanted > count { text += "; \(wanted) \(unit) would make it 80 %" }
        return text + "."
    }
}
