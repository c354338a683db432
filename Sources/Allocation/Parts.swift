internal import Ledger
internal import Metering
internal import Quantities
internal import Sites

extension Application {
    /// What `@name` stands for in a template; `nil` where there is no such part.
    func blocks(_ name: String) -> [Page.Block]? {
        switch name {
        case "campaign": [.table(costTable), .table(campaignTable), .table(totalsTable)]
        case "jobs": [.table(jobTable)]
        case "plain-costs": [.table(plainTable)]
        case "scaling": scalingBlocks
        case "storage": storageBlocks
        case "schedule": scheduleBlocks
        case "savings": savingBlocks
        case "energy": [.table(energyTable)]
        case "sustainability": [.paragraph(sustainability)]
        case "limits":
            limits.isEmpty ? [.paragraph("Every figure rests on runs of the kind that is asked for.")] : [.list(limits)]
        case "factors": factors.sources.isEmpty ? [] : [.table(factorTable)]
        case "classes": classBlocks
        case "method": [.paragraph(method)]
        case "evidence": [.table(evidenceTable)]
        default: nil
        }
    }

    /// The figures that stand in the text.
    var values: [String: String] {
        let total = total
        let hours = [("core-h", total.coreHours), ("GPU-h", total.gpuHours), ("node-h", total.nodeHours)]
            .compactMap { unit, amount in amount.map { (unit: unit, text: "\($0.withInterval) \(unit)") } }
        return [
            "title": request.title,
            "applicant": request.applicant ?? "the applicant",
            "period": request.period ?? "the project",
            "site": site?.title ?? "the centre",
            "node_type": factors.node.name,
            "unit": unit,
            "total_units": (total.units ?? total.nodeHours).withInterval,
            "total_node_hours": total.nodeHours.withInterval,
            "hours": hours.map(\.text).joined(separator: ", "),
            "other_hours": hours.filter { $0.unit != unit }.map(\.text).joined(separator: ", "),
            "total_kwh": total.energy.withInterval,
            "jobs": grouped("\(campaign.jobs)"),
            "failed_share": percent(failedShare.share),
            "contingency": percent(request.contingency),
        ]
    }

    /// The centre's unit; node-hours where it is not known.
    var unit: String { factors.units?.unit ?? "node-h" }

    private func row(_ name: String, _ jobs: String, _ part: Resources) -> [String] {
        [
            name, jobs, part.nodeHours.withInterval, part.coreHours.text, part.gpuHours.text, part.units.withInterval,
            part.energy.withInterval, part.location.withInterval, part.market.text, part.embodied.text,
            part.price.text,
        ]
    }

    private var costTable: PageTable {
        PageTable(
            caption: "Cost of one job, from measured runs.",
            columns: [
                .words("Configuration"), .words("Evidence"), .figures("n measured"), .figures("Wall time (s)"),
                .figures("Spread (s)"), .figures("Node-h a job"), .figures("GPU-h a job"), .figures("\(unit) a job"),
                .figures("kWh a job"),
            ],
            rows: lines.map { line in
                [
                    name(line), line.evidence.mark, "\(line.evidence.runs.count)", line.time.withInterval,
                    line.timeSpread.map { significant($0, digits: 2) } ?? "–", line.job.nodeHours.withInterval,
                    line.job.gpuHours.text, line.job.units.text, line.job.energy.withInterval,
                ]
            },
            note:
                "Arithmetic means with 95 % intervals; spread is the standard deviation from run to run. Energy includes "
                + "hardware that no sensor sees and the facility where the site gives factors."
                + (lines.contains { !$0.models.isEmpty } ? " * Extrapolated: see the limits." : "")
        ).withoutEmptyColumns.withoutDoubleUnit("\(unit) a job")
    }

    private var campaignTable: PageTable {
        PageTable(
            caption: "The campaign, line by line.",
            columns: [
                .words("Configuration"), .words("Evidence"), .figures("Jobs"), .figures(unit), .figures("kWh"),
                .figures("kg CO2e (location)"), .figures("kg CO2e (market)"), .figures("kg CO2e (embodied)"),
            ],
            rows: lines.map { line in
                [
                    name(line), line.evidence.mark, jobsText(line.line),
                    (line.total.units ?? line.total.nodeHours).withInterval, line.total.energy.withInterval,
                    line.total.location.withInterval, line.total.market.text, line.total.embodied.text,
                ]
            },
            note: "Jobs are configurations × experiments × repeats. Sums over jobs with 95 % prediction intervals."
        ).withoutEmptyColumns
    }

    private func name(_ line: CostedLine) -> String { line.line.name + (line.models.isEmpty ? "" : " *") }

    private func jobsText(_ line: Request.Line) -> String {
        let factors = [line.configurations, line.experiments, line.repeats].filter { $0 > 1 }
        guard factors.count > 1 else { return grouped("\(line.jobs)") }
        return grouped("\(line.jobs)") + " = " + factors.map { grouped("\($0)") }.joined(separator: " × ")
    }

    private var totalsTable: PageTable {
        let share = failedShare.evidence.map { "counted in \($0.mark)" } ?? "stated"
        var rows = [
            row("Campaign", grouped("\(campaign.jobs)"), campaign),
            row("Failed runs, \(percent(failedShare.share)) (\(share))", "", failed),
            row("Contingency, \(percent(request.contingency))", "", contingency),
            row("Total requested", "", total),
        ]
        if let counterfactual {
            rows.append(row("The same plan without what it saves", "", counterfactual))
        }
        return PageTable(
            caption: "What is asked for; failed runs and contingency stand apart.",
            columns: [
                .words("Part"), .figures("Jobs"), .figures("Node-h"), .figures("Core-h"), .figures("GPU-h"),
                .figures(unit), .figures("kWh"), .figures("kg CO2e (location)"), .figures("kg CO2e (market)"),
                .figures("kg CO2e (embodied)"), .figures(factors.price?.currency ?? "Price"),
            ],
            rows: rows,
            note:
                "The contingency is taken of the campaign with its failed runs. Location-based and market-based CO2e are "
                + "two accounts of the same energy, and are never added to each other."
        ).withoutEmptyColumns.withoutDoubleUnit(unit)
    }

    /// The whole plan with each saving line done by the means that it replaces, failed runs and contingency alike.
    var counterfactual: Resources? {
        guard !savings.isEmpty else { return nil }
        let parts = lines.map { line in savings.first { $0.line.line == line.line }?.instead ?? line.total }
        let sum = parts.dropFirst().reduce(parts[0]) { $0 + $1 }
        return sum.scaled(by: (1 + failedShare.share) * (1 + request.contingency))
    }

    private var jobTable: PageTable {
        let ordered = lines.sorted { $0.job.nodeHours.value < $1.job.nodeHours.value }
        let typical = lines.max { $0.line.jobs < $1.line.jobs }
        let picks = [("Largest", ordered.last), ("Typical (most jobs)", typical), ("Smallest", ordered.first)]
        return PageTable(
            caption: "The largest, the typical and the smallest job.",
            columns: [
                .words("Job"), .words("Configuration"), .words("Evidence"), .figures("Nodes"),
                .figures("Wall time (s)"), .figures("Number of jobs"), .figures("Memory a node"),
                .figures("Output a job"), .figures("Total node-h"),
            ],
            rows: picks.compactMap { name, line in
                line.map { line in
                    [
                        name, line.line.name, line.evidence.mark, "\(line.nodes)", line.time.withInterval,
                        grouped("\(line.line.jobs)"), line.line.memory.map(bytes) ?? "–",
                        line.line.output.map(bytes) ?? "–", line.total.nodeHours.withInterval,
                    ]
                }
            },
            note: lines.contains { $0.line.memory != nil || $0.line.output != nil }
                ? "Memory and output are the applicant's own figures." : nil
        ).withoutEmptyColumns
    }

    private var plainTable: PageTable {
        PageTable(
            caption: "Experimental configurations and what they cost.",
            columns: [
                .words("Experimental configuration"), .words("Evidence"), .figures("Core-hours per simulation"),
                .figures("GPU-hours per simulation"), .figures("Number of simulations"), .figures("Total core-hours"),
                .figures("Total GPU-hours"),
            ],
            rows: lines.map { line in
                [
                    line.line.name, line.evidence.mark, line.job.coreHours.withInterval,
                    line.job.gpuHours.withInterval, grouped("\(line.line.jobs)"), line.total.coreHours.withInterval,
                    line.total.gpuHours.withInterval,
                ]
            },
            note: "Before failed runs and contingency."
        ).withoutEmptyColumns
    }

    private var scheduleBlocks: [Page.Block] {
        guard !request.schedule.isEmpty else {
            return [.open("How the work is spread over \(request.period ?? "the project"), by quarter.")]
        }
        let whole = total.units ?? total.nodeHours
        return [
            .table(
                PageTable(
                    caption: "Work plan.",
                    columns: [.words("Period"), .figures("Share"), .figures(unit)],
                    rows: request.schedule.map {
                        [$0.name, percent($0.share, places: 0), whole.scaled(by: $0.share).text]
                    }
                )
            )
        ]
    }

    private var storageBlocks: [Page.Block] {
        let output = lines.reduce(0.0) { $0 + ($1.line.output ?? 0) * Double($1.line.jobs) }
        var rows = request.storage.map {
            [$0.name, bytes($0.amount), $0.files.map { grouped("\($0)") } ?? "–", $0.place ?? "–"]
        }
        if output > 0 { rows.append(["Output of all jobs", bytes(output), "–", "–"]) }
        guard !rows.isEmpty else { return [.open("Storage: how much, how many files, where, for how long.")] }
        return [
            .table(
                PageTable(
                    caption: "Storage, by the applicant's own figures.",
                    columns: [.words("Data"), .figures("Amount"), .figures("Files"), .words("Place")],
                    rows: rows
                ).withoutEmptyColumns
            )
        ]
    }

    private var classBlocks: [Page.Block] {
        let total = total
        var amounts = [
            "node-h": total.nodeHours.value, "core-h": total.coreHours?.value, "GPU-h": total.gpuHours?.value,
        ]
        // The centre's unit may be called as a base is, and then counts as the centre counts it.
        amounts[unit] = (total.units ?? total.nodeHours).value
        let fitting = (site?.allocation?.classes ?? []).filter { size in
            guard let amount = amounts[size.value.unit] ?? nil else { return false }
            return amount >= size.value.least ?? 0 && amount <= size.value.most ?? .infinity
        }
        guard !fitting.isEmpty else { return [] }
        return [
            .list(
                fitting.map { size in
                    "By its \(size.value.unit) the request is of the class \(size.value.name), \(size.value.words) "
                        + "(\(size.provenance.citation))."
                }
            )
        ]
    }

    private var factorTable: PageTable {
        PageTable(
            caption: "Factors, each with its source.",
            columns: [.words("Factor"), .words("Value"), .words("Source")],
            rows: factors.sources.map { [$0.name, $0.value, $0.source] }
        )
    }

    private var evidenceTable: PageTable {
        PageTable(
            caption: "The runs that the figures rest on.",
            columns: [
                .words("Mark"), .words("Named"), .figures("Runs"), .figures("Failed"), .words("Machine"), .words("Ids"),
            ],
            rows: evidence.map { evidence in
                let all = evidence.runs + evidence.failed
                let shown = all.prefix(8).map(\.start.id).joined(separator: ", ")
                return [
                    evidence.mark, evidence.reference, "\(evidence.runs.count)", "\(evidence.failed.count)",
                    all.first?.machine ?? "–", shown + (all.count > 8 ? " and \(all.count - 8) more" : ""),
                ]
            }
        )
    }
}

extension PageTable {
    /// Without the column of node-, core- or GPU-hours where the centre's unit is the same.
    fileprivate func withoutDoubleUnit(_ unit: String) -> PageTable {
        let twins = columns.indices.filter { columns[$0].title.lowercased() == unit.lowercased() }
        guard twins.count > 1 else { return self }
        var table = self
        table.columns.remove(at: twins[0])
        table.rows = rows.map { row in
            var row = row
            row.remove(at: twins[0])
            return row
        }
        return table
    }
}
