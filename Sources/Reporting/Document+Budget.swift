import Analysis
import Charts
import Ledger
import Metering
import Quantities

extension Document {
    /// The uncertainty budget of one run of the baseline, else of the first arm; empty where the ledger keeps none.
    static func budget(_ study: Study) -> [Block] {
        let faces = Report.representatives(of: study)
        let baseline = study.arms.first { $0.isBaseline }?.label
        guard let face = faces.first(where: { $0.arm == baseline }) ?? faces.first,
            let total = study.runs.first(where: { $0.start.id == face.runID })?.end?.account.total,
            let budget = total.budget, !budget.components.isEmpty
        else { return [] }
        let unit = ColumnUnit("J", for: budget.components.map(\.standardUncertainty.value).max() ?? 0)
        let rows = budget.components.map { row -> [Cell] in
            let share = budget.share(of: row)
            return [
                Cell(name(row.part), detail: meaning(row)),
                Cell(significant(row.standardUncertainty.value / unit.factor, digits: 3)),
                Cell(share < 0.001 ? "< 0.1 %" : percent(share)), Cell(row.distribution.rawValue),
                Cell(row.isShared ? "cancels" : "remains"),
            ]
        }
        let table = Table(
            caption: "Uncertainty budget of one run (\(face.runID), \(face.arm)).",
            columns: [
                .words("Part"), .figures("Standard uncertainty", unit.symbol), .figures("Share of the variance"),
                .words("Shape"), .words("In ratios on the same sensors"),
            ],
            rows: rows,
            note: "Together \(budget.expanded.formatted()) (95 %): twice the root of the sum of squares, unless one "
                + "part that is not normal dominates; then that part is taken with its own shape."
        )
        let chart = StackedBars(
            title: "Uncertainty budget of one run",
            quantity: "Standard uncertainty",
            unit: "J",
            parts: ["Standard uncertainty"],
            bars: budget.components.map { row in
                let joules = row.standardUncertainty
                let share = budget.share(of: row)
                return StackedBars.Bar(
                    label: name(row.part),
                    caption: "\(joules.formatted()), \(share < 0.001 ? "below 0.1 %" : percent(share)) of the variance",
                    values: [joules.value]
                )
            }
        )
        let caption = "Standard uncertainty of each part; variances add, so that the largest decides"
        let figure = Figure(id: "budget", caption: caption, chart.draw).map { [Block.figure($0)] } ?? []
        return [.heading("Uncertainty budget of one run")] + figure + [.table(table)]
    }

    private static func name(_ part: UncertaintyBudget.Part) -> String {
        switch part {
        case .calibration: "Calibration"
        case .model: "Model"
        case .updatePeriod: "Update period"
        case .averagingWindow: "Averaging window"
        case .sampling: "Sampling"
        case .timeStamps: "Time stamps"
        case .resolution: "Resolution"
        case .gaps: "Gaps"
        }
    }

    private static func meaning(_ row: UncertaintyBudget.Component) -> String {
        switch row.part {
        case .calibration: "the gain of the sensors"
        case .model: "the coefficients of the model"
        case .updatePeriod: "the age of a counter's value at start and end"
        case .averagingWindow: "what the sensor's mean carries over start and end"
        case .sampling:
            row.distribution == .bound
                ? "what the power can do between the readings at start and end"
                : "what the power can do between readings"
        case .timeStamps: "the time that a reading takes"
        case .resolution: "the step in which the source counts"
        case .gaps: "time without a reading"
        }
    }
}
