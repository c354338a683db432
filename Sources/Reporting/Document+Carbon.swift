import Analysis
import Carbon
import Ledger
import Quantities

extension Document {
    /// Grams with every factor that made them.
    static func carbon(_ report: Report) -> Section {
        let study = report.study
        let title = "Carbon"
        guard !study.carbon.isEmpty else {
            let reason =
                "No grid is known for this machine, so no grams are given. Name a zone with --zone, as in --zone DE."
            return Section(id: "carbon", title: title, blocks: [.paragraph(reason)])
        }
        var blocks: [Block] = []
        for account in study.carbon { blocks += accountBlocks(account, study) }
        if study.arms.contains(where: { $0.co2e != nil }), study.arms.count > 1 { blocks.append(.table(grams(study))) }
        blocks += later(report)
        if report.withEquivalents, let account = study.carbon.first {
            blocks += equivalents(account.total, uncertainty: account.uncertainty)
        }
        blocks.append(.paragraph(caution(study.carbon)))
        return Section(id: "carbon", title: title, blocks: blocks)
    }

    private static func accountBlocks(_ account: CarbonAccount, _ study: Study) -> [Block] {
        let grams = account.total.formatted(uncertainty: account.uncertainty).replacing("gCO2e", with: "g CO2e")
        let rule =
            switch account.account {
            case CarbonAccount.location: "location-based (the average of the grid where the machine stands)"
            case CarbonAccount.market:
                "market-based (the contract of its owner), beside the location-based account and never summed with it"
            default: "\(account.account)-based"
            }
        let baseline = study.arms.first { $0.isBaseline && study.arms.count > 1 }
        let whose = baseline.map { "a mean run of \($0.label)" } ?? "a mean run"
        var blocks: [Block] = [
            .paragraph(
                "\(grams) for \(whose), \(rule), from \(word(study.basis)) joules: energy × unmeasured hardware × "
                    + "facility overhead × grid intensity"
                    + (account.embodied == nil ? "." : " + embodied carbon.")
            )
        ]
        if account.zoneAssumed, account.account == CarbonAccount.location {
            blocks.append(
                .warnings([
                    "The grid \(account.zoneName) (\(account.zone)) is assumed from the system's time zone; name "
                        + "the true one with --zone."
                ])
            )
        }
        if let site = account.site {
            blocks.append(
                .paragraph(
                    "Grid and factors are those of the site profile \(site), but for those whose source is another."
                )
            )
        }
        blocks.append(.table(factors(account)))
        return blocks
    }

    /// What the figures do not say.
    private static func caution(_ accounts: [CarbonAccount]) -> String {
        let isMarginal = accounts.contains { $0.kind == IntensityKind.marginal.rawValue }
        let isHourly = accounts.contains { $0.parts != nil }
        let mean =
            isMarginal
            ? "The intensity is marginal: what one kilowatt-hour more would have emitted. It tells the effect of "
                + "shifting load and is no footprint."
            : "The intensity is an average over \(isHourly ? "the hours of each run" : "a year"). A saving of grams is "
                + "therefore an attribution to the average kilowatt-hour, not a forecast of what a power station does less."
        return mean
            + " What a computing centre reports as its scope 2 is usually scope 3 of those who compute there (GHG Protocol)."
    }

    /// Runs that have more accounts than one: the later stand beside the earlier.
    private static func later(_ report: Report) -> [Block] {
        let lists = report.study.runs.compactMap { run in report.carbon[run.start.id].map { (run.start.name, $0) } }
        let several = lists.filter { $0.1.contains { $0.madeAt != nil } && $0.1.count > 1 }
        guard !several.isEmpty else { return [] }
        let rows = several.prefix(20).flatMap { name, accounts in
            accounts.map { account in
                [
                    Cell(name), Cell(account.madeAt.map { timestamp(microseconds: $0) } ?? "with the run"),
                    Cell(account.account), Cell(account.total.formatted(uncertainty: account.uncertainty)),
                    Cell("\(decimal(account.intensity.value, places: 1)) gCO2e/kWh"), Cell(account.basis),
                    Cell(account.intensitySource),
                ]
            }
        }
        return [
            .table(
                Table(
                    caption: "Every account of the runs that have several, the newest first.",
                    columns: [
                        .words("Run"), .words("Made"), .words("Account"), .figures("CO2e"), .figures("Intensity"),
                        .words("Basis"), .words("Source"),
                    ],
                    rows: rows,
                    note: "Joules never change; another factor makes another account."
                        + (several.count > 20 ? " \(several.count - 20) more runs are in the JSON document." : "")
                )
            )
        ]
    }

    static func equivalents(_ grams: GramsCO2e, uncertainty: GramsCO2e) -> [Block] {
        let list = (try? Equivalent.list(grams, uncertainty: uncertainty)) ?? []
        return list.isEmpty ? [] : [.heading("As much as"), .list(list.map { "\($0.text) (\($0.source))" })]
    }

    private static func factors(_ account: CarbonAccount) -> Table {
        let zone = account.place + (account.zoneAssumed ? ", assumed from the time zone" : "")
        let pue =
            account.pueGiven
            ? account.pueSource ?? "given by the user or the plan" : "not given: 1 counts the computer alone"
        let unmeasured =
            account.unmeasuredFactor == 1
            ? "not given: 1 counts nothing that no sensor sees"
            : account.unmeasuredSource ?? "given by the user or the site"
        let joules = { (joules: Joules?) in joules.flatMap { $0.value > 0 ? "adds \($0.formatted())" : nil } }
        let kind = account.kind == IntensityKind.marginal.rawValue ? ", marginal" : ""
        let fetched = account.fetchedAt.map { ", fetched \(timestamp(microseconds: $0))" } ?? ""
        let origin = [account.intensitySource + fetched, account.url, account.note].compactMap(\.self)
        let rows = [
            [
                Cell("\(account.account == CarbonAccount.market ? "Contract intensity" : "Grid intensity"), \(zone)"),
                Cell(
                    "\(decimal(account.intensity.value, places: 1)) gCO2e/kWh",
                    detail: "± \(percent(account.intensityUncertainty, places: 0)) standard uncertainty"
                ),
                Cell(account.year.map { "\($0)" } ?? ""), Cell(account.basis + kind),
                Cell(origin.joined(separator: "; ")),
            ],
            [
                Cell("Unmeasured hardware"),
                Cell("\(account.unmeasuredFactor)", detail: joules(account.unmeasured)), Cell(""),
                Cell("factor on energy"), Cell(unmeasured),
            ],
            [
                Cell("Power usage effectiveness (PUE)"), Cell("\(account.pue)", detail: joules(account.overhead)),
                Cell(account.pueYear.map { "\($0)" } ?? ""), Cell("facility over IT"), Cell(pue),
            ],
            [
                Cell("Joules in a kilowatt-hour"), Cell(decimal(joulesPerKilowattHour, places: 0)), Cell(""),
                Cell("exact"), Cell("definition"),
            ],
            [
                Cell("Embodied carbon"),
                Cell(account.embodied.map { $0.formatted() } ?? "not counted"), Cell(""),
                Cell("share of this run, SCI"), Cell(account.embodiedSource ?? "not given"),
            ],
        ]
        return Table(
            caption: "Every factor and its source, \(account.account)-based.",
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

extension CarbonAccount {
    /// Where the electricity came from, as `Germany (DE)`.
    var place: String {
        account == CarbonAccount.market || zone.isEmpty ? zoneName : "\(zoneName) (\(zone))"
    }
}
