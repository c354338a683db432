import Analysis
import Carbon
import Charts
import Ledger
import Quantities

extension Document {
    /// Grams by hour of the day, where runs lie in more hours than one; empty else.
    ///
    /// The grams of a run are spread evenly over its time on the wall clock (UTC). Accounts make series of their own.
    static func hours(_ runs: [RunRecord], carbon: [String: [CarbonAccount]]) -> [Block] {
        var names: [String] = []
        var sums: [String: [Double]] = [:]
        for run in runs {
            for account in carbon[run.start.id] ?? [] {
                let name = "\(account.account)-based, \(account.basis)"
                if sums[name] == nil { names.append(name) }
                let shares = hourShares(from: run.start.startedAt, seconds: run.duration ?? 0)
                for (hour, share) in shares { sums[name, default: zeros][hour] += account.total.value * share }
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
        let caption = "CO2e of all runs by hour of the day (UTC), each run's grams spread over its time"
        return Figure(id: "carbon-by-hour", caption: caption, chart.draw).map { [.figure($0)] } ?? []
    }

    private static let zeros = [Double](repeating: 0, count: 24)

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
