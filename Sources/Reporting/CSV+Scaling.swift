import Analysis
import Ledger
import Metering
import Statistics

extension Report {
    /// The tables of scaling as comma-separated values, a number of units a row; `nil` of other studies.
    ///
    /// They are a file of their own, since a row of report.csv is a run and a row here is the mean of several. A number
    /// of units without a run that counts has a row with the reason and no figures.
    package var scalingCSV: String? {
        guard !study.parallelScaling.isEmpty else { return nil }
        let factors = Set(study.parallelScaling.flatMap(\.setting.keys)).sorted()
        let figures = ["duration_s", "speedup", "efficiency", "energy_j", "energy_per_image_j", "mean_power_w"]
        let header =
            ["mode", "over", "units"] + factors.map { "factor_\($0)" } + ["runs", "basis"]
            + figures.flatMap { [$0, "\($0)_low", "\($0)_high"] } + ["least_energy", "missing"]
        let rows = study.parallelScaling.flatMap { table -> [[String]] in
            let place = { (units: Int) in
                [table.mode.rawValue, table.over.rawValue, "\(units)"] + factors.map { table.setting[$0] ?? "" }
            }
            let points = table.points.map { point -> (Int, [String]) in
                let estimates = [
                    point.duration, point.speedup, point.efficiency, point.energy, point.joulesPerImage,
                    point.meanPower,
                ]
                let isLeast = table.leastEnergy.map { $0.units == point.units ? "yes" : "no" } ?? ""
                let basis = point.energy == nil ? "" : table.basis?.rawValue ?? ""
                let start = place(point.units) + ["\(point.runIDs.count)", basis]
                return (point.units, start + estimates.flatMap(numbers) + [isLeast, ""])
            }
            let missing = table.missing.map { missing -> (Int, [String]) in
                let empty = [String](repeating: "", count: figures.count * 3 + 1)
                return (missing.units, place(missing.units) + ["0", ""] + empty + [missing.reason])
            }
            return (points + missing).sorted { $0.0 < $1.0 }.map(\.1)
        }
        return ([header] + rows).map { $0.map(field).joined(separator: ",") }.joined(separator: "\n") + "\n"
    }
}

/// A mean with the ends of its 95 % interval, empty where unknown.
private func numbers(_ estimate: Estimate?) -> [String] {
    [estimate?.value, estimate?.low, estimate?.high].map { $0.flatMap { $0.isFinite ? "\($0)" : nil } ?? "" }
}
