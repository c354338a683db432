import Analysis
import Ledger
import Metering
import Quantities

extension Document {
    /// What the workload or PAPI counted, with its energy; images stand beside the arms already.
    static func countTable(_ study: Study) -> Table? {
        let names = Set(study.arms.flatMap(\.counts.keys)).subtracting(["images"]).sorted()
        let rows = study.arms.flatMap { arm in
            names.compactMap { name -> [Cell]? in
                guard let counted = arm.counts[name] else { return nil }
                let isClock = counted.unit == "ns"
                let scale = isClock ? 1e9 : 1
                return [
                    Cell(arm.label), Cell(isClock ? "\(name), s" : name),
                    ColumnUnit(plain: "").cell(counted.count.scaled(by: 1 / scale), floor: 0),
                    energyCell(counted.joulesPerCount?.scaled(by: scale)),
                    ColumnUnit(plain: "").cell(counted.gflopPerJoule, calibration: arm.calibration, floor: 0),
                ]
            }
        }
        guard !rows.isEmpty else { return nil }
        return Table(
            caption: "What was counted: means over the runs of an arm, and the joules of the total for each.",
            columns: [
                .words("Arm"), .words("Count"), .figures("In a run"), .figures("Energy each"),
                .figures("Operations a joule", "GFLOP/J"),
            ],
            rows: rows,
            note: "Of a clock that was counted each second. Below each mean its 95 % interval from the repeats."
        ).withoutEmptyColumns
    }

    /// The counts of the regions of the runs that are shown, with their energy.
    static func regionCountTable(_ report: Report) -> Table? {
        let runs = Dictionary(report.study.runs.map { ($0.start.id, $0) }, uniquingKeysWith: { first, _ in first })
        let rows = report.pictures.flatMap { picture in
            picture.regions.flatMap { region -> [[Cell]] in
                let figures = runs[picture.runID]?.countFigures(of: region).filter { $0.name != "images" } ?? []
                return figures.map { figure in
                    let isClock = figure.unit == "ns"
                    let scale = isClock ? 1e9 : 1
                    return [
                        Cell(picture.arm), Cell(region.path), Cell(isClock ? "\(figure.name), s" : figure.name),
                        Cell(isClock ? significant(Double(figure.count) / scale) : "\(figure.count)"),
                        energyCell(figure.joulesPerCount.map { Estimate(value: $0 * scale) }),
                        Cell(figure.gflopPerJoule.map { significant($0) } ?? "–"),
                    ]
                }
            }
        }
        guard !rows.isEmpty else { return nil }
        return Table(
            caption: "What was counted in the regions of the runs shown.",
            columns: [
                .words("Arm"), .words("Region"), .words("Count"), .figures("Counted"), .figures("Energy each"),
                .figures("Operations a joule", "GFLOP/J"),
            ],
            rows: rows
        ).withoutEmptyColumns
    }

    /// Joules with the prefix that suits them alone, since counts of one table differ by many powers of ten.
    private static func energyCell(_ estimate: Estimate?) -> Cell {
        guard let estimate else { return Cell("–") }
        let words = { (joules: Double) in Joules(max(0, joules)).formatted() }
        guard let low = estimate.low, let high = estimate.high else { return Cell(words(estimate.value)) }
        return Cell(words(estimate.value), detail: "\(words(low)) to \(words(high))")
    }
}

extension Estimate {
    fileprivate func scaled(by factor: Double) -> Estimate {
        Estimate(value: value * factor, low: low.map { $0 * factor }, high: high.map { $0 * factor })
    }
}
