import Analysis
import Carbon
import Quantities

extension Document {
    /// Grams with every factor that made them.
    static func carbon(_ study: Study) -> Section {
        let title = "Carbon"
        guard !study.carbon.isEmpty else {
            let reason =
                "No grid is known for this machine, so no grams are given. Name a zone with --zone, as in --zone DE."
            return Section(id: "carbon", title: title, blocks: [.paragraph(reason)])
        }
        var blocks: [Block] = []
        for account in study.carbon {
            let grams = account.total.formatted(uncertainty: account.uncertainty).replacing("gCO2e", with: "g CO2e")
            let rule =
                account.account == "location"
                ? "location-based (the average of the grid where the machine stands)"
                : "\(account.account)-based"
            let baseline = study.arms.first { $0.isBaseline && study.arms.count > 1 }
            let whose = baseline.map { "a mean run of \($0.label)" } ?? "a mean run"
            blocks.append(
                .paragraph(
                    "\(grams) for \(whose), \(rule), from \(word(study.basis)) joules: energy × unmeasured hardware × "
                        + "facility overhead × grid intensity"
                        + (account.embodied == nil ? "." : " + embodied carbon.")
                )
            )
            if account.zoneAssumed {
                blocks.append(
                    .warnings([
                        "The grid \(account.zoneName) (\(account.zone)) is assumed from the system's time zone; name "
                            + "the true one with --zone."
                    ])
                )
            }
            blocks.append(.table(factors(account)))
        }
        if study.arms.contains(where: { $0.co2e != nil }), study.arms.count > 1 { blocks.append(.table(grams(study))) }
        blocks.append(
            .paragraph(
                "The intensity is an average over a year. A saving of grams is therefore an attribution to the average "
                    + "kilowatt-hour, not a forecast of what a power station does less."
            )
        )
        return Section(id: "carbon", title: title, blocks: blocks)
    }

    private static func factors(_ account: CarbonAccount) -> Table {
        let zone = "\(account.zoneName) (\(account.zone))" + (account.zoneAssumed ? ", assumed from the time zone" : "")
        let pue = account.pueGiven ? "given by the user or the plan" : "not given: 1 counts the computer alone"
        let unmeasured =
            account.unmeasuredFactor == 1
            ? "not given: 1 counts nothing that no sensor sees" : "given by the user or the site"
        var rows = [
            [
                Cell("Grid intensity, \(zone)"),
                Cell(
                    "\(decimal(account.intensity.value, places: 1)) gCO2e/kWh",
                    detail: "± \(percent(account.intensityUncertainty, places: 0)) standard uncertainty"
                ),
                Cell("\(account.year)"), Cell(account.basis), Cell(account.intensitySource),
            ],
            [
                Cell("Power usage effectiveness (PUE)"), Cell("\(account.pue)"), Cell(""),
                Cell("facility over IT"), Cell(pue),
            ],
            [
                Cell("Unmeasured hardware"), Cell("\(account.unmeasuredFactor)"), Cell(""),
                Cell("factor on energy"), Cell(unmeasured),
            ],
            [
                Cell("Joules in a kilowatt-hour"), Cell(decimal(joulesPerKilowattHour, places: 0)), Cell(""),
                Cell("exact"), Cell("definition"),
            ],
        ]
        rows.append([
            Cell("Embodied carbon"),
            Cell(account.embodied.map { $0.formatted() } ?? "not counted"), Cell(""), Cell("share of this run"),
            Cell(account.embodied == nil ? "not given" : "given by the user or the site"),
        ])
        return Table(
            caption: "Every factor and its source.",
            columns: [.words("Factor"), .figures("Value"), .words("Year"), .words("Basis"), .words("Source")],
            rows: rows
        )
    }

    private static func grams(_ study: Study) -> Table {
        let unit = ColumnUnit("g", for: study.arms.compactMap { $0.co2e?.value }.max() ?? 0)
        return Table(
            caption: "CO2e of a run.",
            columns: [.words("Arm"), .figures("CO2e", unit.symbol)],
            rows: study.arms.map { arm in
                [
                    Cell(arm.label),
                    unit.cell(arm.co2e?.value, uncertainty: arm.co2e.map { $0.value * study.gramsUncertainty }),
                ]
            },
            note: "Uncertainties are expanded (95 %), of joules, intensity and overheads together. They are common to "
                + "all arms, so that the ratio of two arms is known better than either."
        )
    }
}
