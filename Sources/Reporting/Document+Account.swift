import Analysis
import Carbon
import Charts
import Ledger
import Metering
import Quantities

extension Document {
    /// Puts the account of a period into words, tables and pictures.
    init(_ report: AccountReport) {
        let account = report.account
        title = "Energy account: \(account.title)"
        let machines = counted(account.hosts.count, "machine")
        subtitle = "\(counted(account.total.runs, "run")) on \(machines)"
        let times = account.runs.map(\.start.startedAt)
        if let first = times.min(), let last = times.max() {
            subtitle += ", \(dateAndTime(microseconds: first)) to \(dateAndTime(microseconds: last))"
        }
        verdict = Self.verdict(account)
        highlights = Self.highlights(account)
        var carbon: [Block] = [.paragraph(Self.gramsNote)]
        let factors = Self.factors(account)
        if !factors.rows.isEmpty { carbon = [.paragraph(Self.gramsNote), .table(factors)] }
        if report.withEquivalents, let sum = account.total.grams.first {
            carbon += Self.equivalents(GramsCO2e(sum.grams), uncertainty: GramsCO2e(sum.uncertainty))
        }
        carbon += Self.hours(account.runs, carbon: account.carbon)
        sections = [
            Section(id: "kinds", title: "What the runs were", blocks: Self.kinds(account)),
            Section(
                id: "groups",
                title: "By \(account.grouping)",
                blocks: [.table(Self.table(account.lines, of: account, groups: account.grouping))]
            ),
            Section(id: "months", title: "By month", blocks: Self.months(account)),
            Section(id: "carbon", title: "Carbon", blocks: carbon),
            Self.machines(account.hosts),
            Section(
                id: "method",
                title: "How it was counted",
                blocks: [.paragraph(report.methods.joined(separator: " ")), .paragraph(Self.scope)]
            ),
            Self.paper(report),
        ]
    }

    private static let gramsNote =
        "Grams are the sum of those of the runs under each account; accounts are never added to each other, nor are "
        + "factors of the life cycle and of the stack alone."

    private static let scope =
        "Every run that started in the period is in the account, whatever became of it. Node time is the time in which a "
        + "machine was taken: runs side by side on one machine count once. Each run is a row of report.csv and report.json."

    private static func verdict(_ account: PeriodAccount) -> String {
        let energy = account.total.energy.map { sum in
            "\(Joules(sum.joules).formatted(uncertainty: Joules(sum.uncertainty))) \(sum.basis.rawValue)"
        }
        let time = "\(significant(account.total.nodeSeconds / 3600)) node hours"
        var sentence = "\(counted(account.total.runs, "run")) took \(listed(energy + [time]))."
        guard let sum = account.total.energy.first, sum.joules > 0 else { return sentence }
        let used = account.kinds.first { $0.kind == .measurement }?.energy(sum.basis)?.joules ?? 0
        let rest = 1 - used / sum.joules
        if rest > 0.0005 {
            sentence +=
                " \(percent(rest)) of the \(sum.basis.rawValue) energy went to runs that are no measurement: pilots, "
                + "warm-ups, idle time, and runs that failed or were killed."
        }
        return sentence
    }

    private static func highlights(_ account: PeriodAccount) -> [Highlight] {
        var result = account.total.energy.map { sum in
            Highlight(
                name: "Energy, \(sum.basis.rawValue)",
                value: Joules(sum.joules).formatted(uncertainty: Joules(sum.uncertainty)),
                detail: "\(significant(sum.joules / joulesPerKilowattHour)) kWh of \(counted(sum.runs, "run"))"
            )
        }
        result += account.total.grams.map { sum in
            Highlight(
                name: "CO2e, \(sum.account)-based",
                value: GramsCO2e(sum.grams).formatted(uncertainty: GramsCO2e(sum.uncertainty)).replacing(
                    "CO2e",
                    with: ""
                ),
                detail: "\(sum.basis) factors, \(counted(sum.runs, "run"))"
            )
        }
        result.append(
            Highlight(
                name: "Node time",
                value: "\(significant(account.total.nodeSeconds / 3600)) h",
                detail: counted(account.total.runs, "run")
            )
        )
        return result
    }

    private static func kinds(_ account: PeriodAccount) -> [Block] {
        var total = account.total
        total.kind = nil
        var blocks: [Block] = [.table(table(account.kinds + [total], of: account, groups: nil))]
        let bases = account.total.energy.map(\.basis)
        for basis in bases {
            let bars = account.kinds.compactMap { line -> StackedBars.Bar? in
                guard let sum = line.energy(basis), sum.joules > 0 else { return nil }
                let words = Joules(sum.joules).formatted(uncertainty: Joules(sum.uncertainty))
                return StackedBars.Bar(
                    label: line.kind?.rawValue ?? "",
                    caption: "\(words), \(counted(sum.runs, "run"))",
                    values: [sum.joules],
                    uncertainty: sum.uncertainty
                )
            }
            let quantity = "Energy, \(basis.rawValue)"
            let chart = StackedBars(
                title: "\(quantity), by what the runs were",
                quantity: quantity,
                unit: "J",
                parts: [quantity],
                bars: bars
            )
            let caption = "\(quantity), by what the runs were; the whisker is the 95 % uncertainty of the sum"
            if let figure = Figure(id: "kinds-\(basis.rawValue)", caption: caption, chart.draw) {
                blocks.append(.figure(figure))
            }
        }
        if !account.warnings.isEmpty { blocks.append(.warnings(account.warnings)) }
        return blocks
    }

    private static func months(_ account: PeriodAccount) -> [Block] {
        var blocks: [Block] = [.table(table(account.months, of: account, groups: "month"))]
        let names = account.months.map(\.group)
        let series = account.total.energy.map(\.basis).map { basis in
            ColumnChart.Series(
                label: basis.rawValue,
                values: account.months.map { $0.energy(basis)?.joules },
                uncertainties: account.months.map { $0.energy(basis)?.uncertainty }
            )
        }
        let energy = ColumnChart(
            title: "Energy by month",
            quantity: "Energy" + (series.count == 1 ? ", \(series[0].label)" : ""),
            unit: "J",
            stretch: "Month (UTC)",
            stretches: names,
            series: series
        )
        let grams = ColumnChart(
            title: "CO2e by month",
            quantity: "CO2e",
            unit: "g",
            stretch: "Month (UTC)",
            stretches: names,
            series: account.total.grams.map { sum in
                ColumnChart.Series(
                    label: "\(sum.account)-based, \(sum.basis)",
                    values: account.months.map { $0.sum(like: sum)?.grams },
                    uncertainties: account.months.map { $0.sum(like: sum)?.uncertainty }
                )
            }
        )
        let figures = [
            Figure(id: "months-energy", caption: "Energy by month, 95 % uncertainties of the sums", energy.draw),
            Figure(id: "months-carbon", caption: "CO2e by month, 95 % uncertainties of the sums", grams.draw),
        ].compactMap(\.self)
        if figures.count == 2 { blocks.append(.pair(figures)) } else { blocks += figures.map(Block.figure) }
        return blocks
    }

    /// Lines of an account; with the group in front where `groups` names what it is.
    private static func table(_ lines: [PeriodAccount.Line], of account: PeriodAccount, groups: String?) -> Table {
        let bases = account.total.energy.map(\.basis)
        let units = bases.map { basis in
            ColumnUnit("J", for: lines.compactMap { $0.energy(basis)?.joules }.max() ?? 0)
        }
        let accounts = account.total.grams
        let masses = accounts.map { sum in
            ColumnUnit("g", for: lines.compactMap { $0.sum(like: sum)?.grams }.max() ?? 0)
        }
        let showsKind = groups != "month"
        var columns: [Table.Column] = groups.map { [.words($0.prefix(1).uppercased() + $0.dropFirst())] } ?? []
        if showsKind { columns.append(.words("Kind")) }
        columns += [.figures("Runs"), .figures("Node time", "h")]
        columns += zip(bases, units).map { .figures("Energy, \($0.rawValue)", $1.symbol) }
        columns += zip(accounts, masses).map { .figures("CO2e, \($0.account)-based, \($0.basis)", $1.symbol) }
        columns.append(.figures("Without energy"))
        let rows = lines.map { line -> [Cell] in
            let kind = showsKind ? [Cell(line.kind?.rawValue ?? "all")] : []
            let energies = zip(bases, units).map { basis, unit in
                unit.cell(line.energy(basis)?.joules, uncertainty: line.energy(basis)?.uncertainty)
            }
            let grams = zip(accounts, masses).map { sum, unit in
                unit.cell(line.sum(like: sum)?.grams, uncertainty: line.sum(like: sum)?.uncertainty)
            }
            return (groups == nil ? [] : [Cell(line.group)]) + kind
                + [Cell("\(line.runs)"), Cell(significant(line.nodeSeconds / 3600))] + energies + grams
                + [Cell(line.withoutEnergy == 0 ? "–" : "\(line.withoutEnergy)")]
        }
        return Table(
            caption: groups.map { "Every \($0)\(showsKind ? " with every kind of run in it" : "")." }
                ?? "All runs by their kind.",
            columns: columns,
            rows: rows,
            note: AccountReport.uncertaintySentence
        ).withoutEmptyColumns
    }

    /// The factors that occur, each with the runs that it holds for.
    private static func factors(_ account: PeriodAccount) -> Table {
        struct Key: Hashable {
            var words: [String]
        }
        var order: [Key] = []
        var counts: [Key: Int] = [:]
        for item in account.runs.flatMap({ account.carbon[$0.start.id] ?? [] }) {
            let key = Key(words: [
                item.account, item.place, item.year.map { "\($0)" } ?? "", item.basis,
                decimal(item.intensity.value, places: 1), "\(item.pue)", "\(item.unmeasuredFactor)",
                item.intensitySource,
            ])
            if counts[key] == nil { order.append(key) }
            counts[key, default: 0] += 1
        }
        return Table(
            caption: "Every set of factors, and for how many runs it holds.",
            columns: [
                .words("Account"), .words("Grid"), .words("Year"), .words("Basis"), .figures("Intensity", "gCO2e/kWh"),
                .figures("PUE"), .figures("Unmeasured"), .words("Source"), .figures("Runs"),
            ],
            rows: order.map { key in key.words.map { Cell($0) } + [Cell("\(counts[key] ?? 0)")] }
        )
    }
}

extension PeriodAccount.Line {
    /// The grams of the same account.
    func sum(like other: GramSum) -> GramSum? {
        grams.first { $0.account == other.account && $0.basis == other.basis }
    }
}
