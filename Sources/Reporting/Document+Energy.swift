import Analysis
import Charts
import Ledger
import Metering
import Quantities

extension Document {
    /// Energy by device: a bar and a row for each arm.
    static func devices(_ study: Study) -> Section {
        let title = "Energy by device"
        let devices = Device.allCases.filter { device in study.arms.contains { $0.deviceJoules[device] != nil } }
        let basis = word(study.basis)
        let bars = study.arms.compactMap { arm -> StackedBars.Bar? in
            guard let energy = arm.energy else { return nil }
            let spread = arm.energyUncertainty
            return StackedBars.Bar(
                label: arm.label,
                caption: "\(Joules(energy.value).formatted(uncertainty: spread.map { Joules($0) })), \(basis)",
                values: devices.map { arm.deviceJoules[$0] ?? 0 },
                uncertainty: spread
            )
        }
        let chart = StackedBars(
            title: "Energy of a run by device (\(basis))",
            quantity: "Energy of a run, \(basis)",
            unit: "J",
            parts: devices.map(name),
            bars: bars
        )
        let caption = "Mean energy of a run by device, \(basis); the whisker is the 95 % uncertainty of one run"
        guard let figure = Figure(id: "devices", caption: caption, chart.draw) else {
            let reason = "No energy was recorded for any arm, so there is nothing to divide among devices."
            return Section(id: "devices", title: title, blocks: [.paragraph(reason)])
        }
        let unit = ColumnUnit("J", for: study.arms.compactMap { $0.energy?.value }.max() ?? 0)
        let rows = study.arms.map { arm in
            [Cell(arm.label)]
                + devices.map { device in
                    unit.cell(arm.deviceJoules[device].map { Estimate(value: $0) }, calibration: arm.calibration)
                }
                + [unit.cell(arm.energy?.value, uncertainty: arm.energyUncertainty)]
        }
        let table = Table(
            caption: "Mean joules of a run by device, \(basis).",
            columns: [.words("Arm")] + devices.map { .figures(name($0), unit.symbol) }
                + [.figures("Total, \(basis)", unit.symbol)],
            rows: rows,
            note: "The total carries the expanded uncertainty (95 %) of one run, with the calibration of the sources."
        )
        return Section(id: "devices", title: title, blocks: [.figure(figure), .table(table)])
    }

    private static func name(_ device: Device) -> String {
        switch device {
        case .cpu: "CPU"
        case .memory: "Memory"
        case .gpu: "GPU"
        case .node: "Node"
        case .platform: "Platform"
        case .other: "Other"
        }
    }

    /// Power over time of one run an arm, with the joules of its regions.
    static func power(_ report: Report) -> Section {
        let title = "Power over time"
        let pictures = report.pictures.prefix(8)
        let points = pictures.flatMap(\.lines).flatMap(\.points).filter { $0.y.isFinite }
        var blocks: [Block] = []
        if points.isEmpty {
            blocks.append(.paragraph("No samples of power are kept for these runs, so there is no curve to show."))
        } else {
            let ends = pictures.flatMap(\.lines).compactMap(\.points.last?.x) + pictures.flatMap(\.bands).map(\.to)
            let (longest, largest) = (ends.max() ?? 0, points.map(\.y).max() ?? 0)
            let text =
                "One run an arm, the run of median duration; all on the same axes. The strips above each curve "
                + "show the regions that the workload marked."
            blocks.append(.paragraph(text))
            for (index, picture) in pictures.enumerated() {
                let chart = PowerChart(
                    title: "Power of \(picture.arm) over time",
                    lines: picture.lines,
                    bands: picture.bands,
                    longest: longest,
                    largest: largest
                )
                let hidden = picture.hidden > 0 ? "; \(counted(picture.hidden, "further channel")) not drawn" : ""
                let caption = "\(picture.arm), run \(picture.runID)\(hidden)"
                if let figure = Figure(id: "power-\(index)", caption: caption, chart.draw) {
                    blocks.append(.figure(figure))
                }
            }
            if report.pictures.count > pictures.count {
                let rest = counted(report.pictures.count - pictures.count, "further arm")
                blocks.append(.paragraph("Power of \(rest) is not drawn here; it is in the ledger."))
            }
        }
        if let table = regionTable(report) { blocks.append(.table(table)) }
        if let table = regionCountTable(report) { blocks.append(.table(table)) }
        return Section(id: "power", title: title, blocks: blocks)
    }

    private static func regionTable(_ report: Report) -> Table? {
        let regions = report.pictures.flatMap { picture in picture.regions.map { (picture.arm, $0) } }
        guard !regions.isEmpty else { return nil }
        let unit = ColumnUnit("J", for: regions.compactMap { $0.1.joules?.value }.max() ?? 0)
        let places = supportedPlaces(uncertainty: (regions.map { $0.1.duration.value }.max() ?? 0) / 100)
        let rows = regions.map { arm, region -> [Cell] in
            let power = region.joules.map { joules in
                region.duration > .zero ? significant((joules / region.duration).value) : "–"
            }
            return [
                Cell(arm), Cell(region.path), Cell("\(region.count)"),
                Cell(decimal(region.duration.value, places: places)),
                unit.cell(region.joules?.value, uncertainty: region.uncertainty?.value), Cell(power ?? "–"),
            ]
        }
        return Table(
            caption: "Regions of the runs shown.",
            columns: [
                .words("Arm"), .words("Region"), .figures("Visits"), .figures("Time", "s"),
                .figures("Energy, \(word(report.study.basis))", unit.symbol), .figures("Mean power", "W"),
            ],
            rows: rows,
            note: "A region holds the energy of the regions within it. Uncertainties are expanded (95 %)."
        )
    }

    /// Energy against time: every run, and the mean of every arm.
    static func speed(_ study: Study) -> Section {
        let title = "Energy against speed"
        let runs = Dictionary(study.runs.map { ($0.start.id, $0) }, uniquingKeysWith: { first, _ in first })
        let range = { (estimate: Estimate?) -> ClosedRange<Double>? in
            guard let low = estimate?.low, let high = estimate?.high, low <= high else { return nil }
            // A mean time or energy below zero is what few repeats allow and physics does not.
            return max(0, low)...max(0, high)
        }
        let series = study.arms.compactMap { arm -> ScatterPlot.Series? in
            let points = arm.runIDs.compactMap { id -> Point? in
                guard let run = runs[id], let time = run.duration, let joules = run.end?.account.total.joules else {
                    return nil
                }
                return Point(x: time, y: joules.value)
            }
            guard let energy = arm.energy, !points.isEmpty else { return nil }
            return ScatterPlot.Series(
                label: arm.label,
                points: points,
                mean: points.count > 1 ? Point(x: arm.duration.value, y: energy.value) : nil,
                time: range(arm.duration),
                energy: range(arm.energy)
            )
        }
        let basis = word(study.basis)
        let front = speedFront(of: study).compactMap { index -> Point? in
            study.arms[index].energy.map { Point(x: study.arms[index].duration.value, y: $0.value) }
        }
        let chart = ScatterPlot(
            title: "Energy against duration of every run (\(basis))",
            basis: basis,
            series: series,
            front: front
        )
        let caption =
            "Every mark is a run, every ring the mean of an arm with its 95 % intervals; energy \(basis). "
            + "Lower is less energy, further left is faster"
            + (front.count > 1 ? "; the dashed line joins the means that no other beats in both" : "")
        guard let figure = Figure(id: "speed", caption: caption, chart.draw) else {
            let reason = "No run has both a duration and an energy, so the two cannot be set against each other."
            return Section(id: "speed", title: title, blocks: [.paragraph(reason)])
        }
        return Section(id: "speed", title: title, blocks: [.figure(figure)])
    }
}
