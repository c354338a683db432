import Analysis
import Ledger
import Metering
import Quantities

extension Document {
    /// The machine or machines that the runs ran on.
    static func machines(_ hosts: [Host]) -> Section {
        let blocks = hosts.flatMap { host -> [Block] in
            let facts: [(name: String, value: String)] = [
                ("Name", host.name), ("Processor", host.cpu),
                ("Logical processors", host.cores > 0 ? "\(host.cores)" : ""),
                ("Memory", memory(host.memoryBytes)), ("GPU", host.gpus.isEmpty ? "none found" : listed(host.gpus)),
                ("System", host.os), ("Kernel", host.kernel), ("Time zone", host.timeZone ?? "names no country"),
            ].filter { !$0.value.isEmpty }
            return (hosts.count > 1 ? [.heading(host.name.isEmpty ? "A machine without a name" : host.name)] : [])
                + [.facts(facts)]
        }
        let title = hosts.count > 1 ? "The machines" : "The machine"
        let empty: [Block] = [.paragraph("The runs carry no description of their machine.")]
        return Section(id: "machine", title: title, blocks: blocks.isEmpty ? empty : blocks)
    }

    /// How it was measured: sampling, design, sources and their uncertainty.
    static func method(_ report: Report) -> Section {
        let study = report.study
        var blocks: [Block] = [.paragraph(sampling(study))]
        if let design = design(study) { blocks.append(.paragraph(design)) }
        blocks.append(.paragraph(uncertainty(study)))
        if let idle = report.idle {
            let spread = idle.uncertainty.map { " (its repeats agree within ± \(Watts($0).formatted()))" } ?? ""
            let text =
                "\(idleSubject(idle)) drew \(Watts(idle.watts).formatted()), \(word(study.basis))\(spread); figures above "
                + "idle subtract it over the duration of a run."
            blocks.append(.paragraph(text))
        } else {
            blocks.append(
                .paragraph("Idle power was not measured, so every figure includes what the machine draws while idle.")
            )
        }
        if let table = channelTable(study) { blocks.append(.table(table)) }
        blocks += budget(study)
        return Section(id: "method", title: "How it was measured", blocks: blocks)
    }

    private static func sampling(_ study: Study) -> String {
        let reports = study.runs.compactMap { $0.end?.sampler }
        guard !reports.isEmpty else { return "The runs carry no record of how they were sampled." }
        let intervals = Set(reports.map(\.interval)).sorted().map { duration(Seconds($0)) }
        let ticks = reports.map(\.ticks).reduce(0, +)
        let missed = reports.map(\.missed).reduce(0, +)
        let late = reports.map(\.latenessP99).max() ?? 0
        let cost = reports.map(\.cpuTime).reduce(0, +)
        let time = study.runs.compactMap { $0.end?.sampler == nil ? nil : $0.duration }.reduce(0, +)
        let share = time > 0 ? " (\(percent(cost / time, places: 2)) of one core)" : ""
        return
            "Sources were read every \(listed(intervals)): \(counted(ticks, "tick")), \(missed) missed, 99 % of them "
            + "at most \(duration(Seconds(late))) late in the worst run. The sampler took \(duration(Seconds(cost))) of "
            + "CPU time in all\(share). Joules are interpolated to the instants at which the command was started and reaped."
    }

    private static func design(_ study: Study) -> String? {
        guard let plan = study.experiment else { return nil }
        let factors = plan.factors.map { "\($0.name) (\($0.levels.joined(separator: ", ")))" }
        let baseline = plan.baseline.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "Experiment \(plan.name): factors \(listed(factors)); baseline \(listed(baseline)); "
            + "\(counted(plan.repeats, "repeat")) an arm after \(counted(plan.warmup, "warm-up run")); order "
            + "\(plan.order), seed \(plan.seed). Warm-ups and idle measurements are left out of the figures."
    }

    private static func uncertainty(_ study: Study) -> String {
        let basis: String
        switch study.basis {
        case .measured: basis = "All joules in totals were read from sensors."
        case .modelled:
            basis =
                "All joules are modelled from utilisation and published coefficients; no sensor was read, and a "
                + "difference in power at equal utilisation is invisible to the model."
        case .mixed: basis = "Totals are mixed: some channels were read from sensors and some are modelled."
        case nil: basis = "No joules were recorded."
        }
        return basis
            + " The uncertainty beside a total is expanded (95 %) and includes the calibration of its sources; "
            + "the interval of a mean or a ratio comes from the repeats, since calibration is common to arms that were "
            + "read by the same sources."
    }

    private static func channelTable(_ study: Study) -> Table? {
        var seen: Set<String> = []
        let figured = Set(study.arms.flatMap(\.runIDs))
        let runs = study.runs.filter { figured.isEmpty || figured.contains($0.start.id) }
        let channels = runs.flatMap { $0.end?.account.channels ?? [] }.filter { seen.insert($0.channel.name).inserted }
        guard !channels.isEmpty else { return nil }
        let rows = channels.map { entry -> [Cell] in
            let channel = entry.channel
            let same = runs.flatMap { $0.end?.account.channels ?? [] }.filter { $0.channel.name == channel.name }
            let events = (
                same.map(\.wraps).reduce(0, +), same.map(\.resets).reduce(0, +), same.map(\.gaps.count).reduce(0, +)
            )
            let role =
                channel.inTotal ? "in the total" : channel.containedIn.map { "within \($0)" } ?? "beside the total"
            return [
                Cell(channel.name, detail: channel.note), Cell(channel.basis.rawValue), Cell(role),
                Cell(percent(channel.relativeUncertainty), detail: channel.uncertaintySource),
                Cell("\(same.map(\.samples).reduce(0, +))"), Cell("\(events.0) / \(events.1) / \(events.2)"),
                Cell(channel.source),
            ]
        }
        return Table(
            caption: "Channels of all runs in the figures.",
            columns: [
                .words("Channel"), .words("Basis"), .words("Counted"), .words("Standard uncertainty and its source"),
                .figures("Readings"), .figures("Wraps / resets / gaps"), .words("Read from"),
            ],
            rows: rows
        )
    }

    /// Every run with its command, and what the workload said about itself.
    static func runs(_ report: Report) -> Section {
        let study = report.study
        let arms = Dictionary(
            study.arms.flatMap { arm in arm.runIDs.map { ($0, arm.label) } },
            uniquingKeysWith: { first, _ in first }
        )
        let unit = ColumnUnit("J", for: study.runs.compactMap { $0.end?.account.total.joules?.value }.max() ?? 0)
        let covered = study.runs.map { $0.end?.account.total.coverage.joined(separator: ", ") ?? "" }
        // What all runs cover is said once.
        let common = covered.first.flatMap { first in
            !first.isEmpty && covered.allSatisfy { $0 == first } ? "Every run covers \(first)." : nil
        }
        let rows = zip(study.runs, covered).map { run, covered -> [Cell] in
            let total = run.end?.account.total
            let status = run.end?.exitStatus.map { "exit \($0)" } ?? "no exit status"
            return [
                Cell(run.start.id), Cell(arms[run.start.id] ?? "left out"),
                Cell(run.start.place.map { "\($0.block + 1)" } ?? "–"),
                Cell(dateAndTime(microseconds: run.start.startedAt)), Cell("\(run.state.rawValue), \(status)"),
                Cell(run.duration.map { significant($0, digits: 4) } ?? "–"),
                unit.cell(total?.joules?.value, uncertainty: total?.uncertainty?.value),
                Cell(total.map { $0.joules == nil ? "no energy" : $0.basis.rawValue } ?? "–"),
                Cell(common == nil && !covered.isEmpty ? covered : "–"),
            ]
        }
        let table = Table(
            caption: "Every run, in order.",
            columns: [
                .words("Run"), .words("Arm"), .figures("Block"), .words("Started"), .words("State"),
                .figures("Duration", "s"), .figures("Energy", unit.symbol), .words("Basis"), .words("Covered"),
            ],
            rows: rows,
            note: common
        ).withoutEmptyColumns
        var blocks: [Block] = rows.isEmpty ? [.paragraph("There are no runs in this report.")] : [.table(table)]
        let fresh = unique(
            study.runs.flatMap { run in
                // What the study says of all runs, with their number behind it, is not said again of each.
                (run.end?.warnings ?? []).filter { warning in !study.warnings.contains { $0.hasPrefix(warning) } }
                    .map { "Run \(run.start.id): \($0)" }
            }
        )
        if !fresh.isEmpty { blocks.append(.warnings(fresh)) }
        let commands = unique(study.runs.map { shell($0.start.command) })
        if !commands.isEmpty {
            blocks.append(.heading(commands.count == 1 ? "Command" : "Commands"))
            blocks.append(.code(commands.joined(separator: "\n")))
        }
        if let told = workloadTable(study) {
            blocks.append(.heading("What the workload said about itself"))
            blocks.append(.table(told))
        }
        blocks.append(.paragraph("Measured and written by Wattbook \(report.version)."))
        return Section(id: "runs", title: "Runs", blocks: blocks)
    }

    private static func workloadTable(_ study: Study) -> Table? {
        let keys = Set(study.arms.flatMap(\.info.keys)).sorted()
        guard !keys.isEmpty else { return nil }
        return Table(
            caption: "Algorithm, arithmetic and versions that all runs of an arm have in common.",
            columns: [.words("Key")] + study.arms.map { .words($0.label) },
            rows: keys.map { key in [Cell(key)] + study.arms.map { Cell($0.info[key] ?? "–") } }
        )
    }
}
