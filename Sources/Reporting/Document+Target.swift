import Analysis
import Ledger
import Metering

extension Document {
    /// What every arm took until the plan's target, with the ratios to the baseline's; `nil` where none is named.
    static func targetTable(_ study: Study) -> Table? {
        guard let target = study.experiment?.target else { return nil }
        let reaches = study.arms.compactMap { arm in arm.target.map { (arm: arm, reach: $0) } }
        let unit = ColumnUnit("J", for: reaches.compactMap { $0.reach.energy?.value }.max() ?? 0)
        return Table(
            caption: "Until \(target.words) was first reached: means over the runs of an arm.",
            columns: [
                .words("Arm"), .figures("Reached by"), .figures("Time to it", "s"),
                .figures("Energy to it, \(word(study.basis))", unit.symbol), .figures("Time ratio"),
                .figures("Energy ratio"),
            ],
            rows: reaches.map { arm, reach in
                let comparison = study.comparisons.first { $0.candidate.runIDs == arm.runIDs }?.target
                return [
                    Cell(arm.label, detail: arm.isBaseline && study.arms.count > 1 ? "baseline" : nil),
                    Cell("\(reach.reached) of \(reach.runs)"),
                    ColumnUnit(plain: "").cell(reach.duration, floor: 0),
                    unit.cell(reach.energy, calibration: arm.calibration, floor: 0),
                    ratioCell(comparison?.timeRatio), ratioCell(comparison?.energyRatio),
                ]
            },
            note: "Times and joules from the start of a run; an arm of which some runs never reached it has none."
        ).withoutEmptyColumns
    }
}
