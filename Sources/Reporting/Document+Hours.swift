import Analysis
import Carbon
import Charts
import Ledger
import Quantities

extension Document {
    /// Grams by hour of the day, where runs lie in more hours than one; empty else.
    ///
    /// Accounts make series of their own.
    static func hours(_ runs: [RunRecord], carbon: [String: [CarbonAccount]]) -> [Block] {
        var names: [String] = []
        var sums: [String: [Double]] = [:]
        var ways: Set<Bool> = []
        for run in runs {
            for account in carbon[run.start.id] ?? [] {
                let name = "\(account.account)-based, \(account.basis)"
                if sums[name] == nil { names.append(name) }
                for (hour, grams) in hourGrams(account, from: run.start.startedAt, seconds: run.duration ?? 0) {
                    sums[name, default: zeros][hour] += grams
                }
                ways.insert(account.hasIntervals)
            }
        }
        let used = (0..<24).filter { hour in sums.values.contains { $0[hour] > 0 } }
        guard used.count > 1 else { return [] }
        let chart = ColumnChart(
            title: "CO2e by hour of the day",
            quantity: "CO2e of all runs",
            unit: "g",
            stretch: "Hour of the day (UTC)",
            stretches: (0..<24).map { $0 < 10 ? "0\($0)" : "\($0)" },
            series: names.map { name in .init(label: name, values: (sums[name] ?? []).map { $0 > 0 ? $0 : nil }) }
        )
        let caption = "CO2e of all runs by hour of the day (UTC), \(words(ways))"
        return Figure(id: "carbon-by-hour", caption: caption, chart.draw).map { [.figure($0)] } ?? []
    }

    /// How the grams came to their hours: by intervals, evenly, or the one for some runs and the other for others.
    private static func words(_ ways: Set<Bool>) -> String {
        switch (ways.contains(true), ways.contains(false)) {
        case (true, false): "from the intervals of the intensity and the joules in each; embodied carbon spread evenly"
        case (true, true):
            "from the intervals of the intensity and the joules in each where a run has them, else spread evenly over "
                + "the run's time"
        default: "each run's grams spread evenly over its time"
        }
    }

    private static let zeros = [Double](repeating: 0, count: 24)

    /// The grams of a run by hour of the day (UTC).
    ///
    /// Operational grams lie in the intervals of the intensity that made them, as `Eₖ·Iₖ`; without intervals, and
    /// for embodied carbon, they are spread evenly over the run's time on the wall clock.
    ///
    /// - Parameters:
    ///   - start: microseconds since 1970 (UTC).
    ///   - seconds: the run's duration.
    static func hourGrams(_ account: CarbonAccount, from start: Int64, seconds: Double) -> [Int: Double] {
        var grams: [Int: Double] = [:]
        func add(_ mass: Double, from: Int64, seconds: Double) {
            for (hour, share) in hourShares(from: from, seconds: seconds) { grams[hour, default: 0] += mass * share }
        }
        let parts = account.parts ?? []
        let weight = parts.map { $0.share * $0.value.value }.reduce(0, +)
        guard account.hasIntervals, weight > 0 else {
            add(account.total.value, from: start, seconds: seconds)
            return grams
        }
        let end = start + Int64(max(0, seconds) * 1e6)
        for (index, part) in parts.enumerated() {
            // The outermost intervals also stand for time beyond them.
            let from = index == 0 ? start : max(start, part.from * 1_000_000)
            let to = index == parts.count - 1 ? end : min(end, part.to * 1_000_000)
            let mass = account.operational.value * part.share * part.value.value / weight
            add(mass, from: from, seconds: Double(to - from) * 1e-6)
        }
        add(account.total.value - account.operational.value, from: start, seconds: seconds)
        return grams
    }

    /// The hours of the day that a run touches, with the part of its time in each.
    static func hourShares(from start: Int64, seconds: Double) -> [Int: Double] {
        let day = 86_400.0
        let from = (Double(start) * 1e-6).truncatingRemainder(dividingBy: day)
        guard seconds > 0 else { return [Int(from / 3600) % 24: 1] }
        // Whole days fall on all hours alike.
        let days = (seconds / day).rounded(.down)
        var shares: [Int: Double] = [:]
        if days > 0 { for hour in 0..<24 { shares[hour] = days * 3600 / seconds } }
        var (time, rest) = (from, seconds - days * day)
        while rest > 0 {
            let hour = (time / 3600).rounded(.down)
            let part = min(rest, max(1e-6, (hour + 1) * 3600 - time))
            shares[Int(hour) % 24, default: 0] += part / seconds
            time += part
            rest -= part
        }
        return shares
    }
}

extension CarbonAccount {
    /// Whether its intensity is that of intervals.
    fileprivate var hasIntervals: Bool { parts.map { !$0.isEmpty } ?? false }
}
