import Analysis
import Carbon
import Ledger
import Metering
import Quantities
import Reporting

/// One run as a few aligned lines for people: energy first, then what it is made of.
struct RunSummary {
    var run: RunRecord
    var carbon: [CarbonAccount]
    /// The machine's idle power, where it was measured.
    var idle: IdlePower?
    /// Mean watts of the total over the run, in equal steps; empty where no trace was read.
    var power: [Double] = []

    /// Prints the summary; `detailed` adds channels, regions and the machine.
    func print(to terminal: Terminal, detailed: Bool) {
        header(terminal)
        var rows = [["energy", energyText(terminal)]]
        if detailed, let budget = run.end?.account.total.budget?.text { rows.append(["", terminal.dim(budget)]) }
        if let net = netText { rows.append(["net", net]) }
        if let part = attribution(of: run, idle: idle) {
            rows.append(["of it", partText(part)])
            rows.append(["", terminal.dim("a job's part of a shared node, by rule; the energy above is the node's")])
        }
        if let mean = meanPower { rows.append(["power", mean]) }
        for (place, figure) in run.countFigures.enumerated() {
            rows.append([place == 0 ? "counts" : "", text(figure)])
        }
        for account in carbon {
            let made = account.madeAt.map { "  \(terminal.dim("account of " + timestamp(microseconds: $0)))" } ?? ""
            let cells = carbonRow(account)
            rows.append(["CO2e", "\(cells[1])  \(cells[0])-based, \(cells[2])\(detailed ? made : "")"])
        }
        if let account = carbon.first {
            for rate in run.softwareCarbonIntensity(account) where rate.unit != "run" {
                rows.append([
                    "SCI",
                    "\(rate.grams.formatted(uncertainty: rate.uncertainty))  for one of \(rate.count) \(rate.unit)",
                ])
            }
        }
        if !power.isEmpty {
            let peak = Watts(power.max() ?? 0).formatted()
            rows.append(["", terminal.dim(sparkline(power, width: min(60, terminal.width - 30))) + "  peak \(peak)"])
        }
        for line in aligned(rows, leading: [0, 1]) { terminal.line("  " + line) }
        if detailed {
            channels(terminal)
            JobSummary(run: run).tables(to: terminal)
            regions(terminal)
            values(terminal)
            machine(terminal)
        }
        for warning in run.end?.warnings ?? [] { terminal.item("  ! ", warning, paint: terminal.caution) }
    }

    private func header(_ terminal: Terminal) {
        let time = run.duration.map { duration(Seconds($0)) } ?? "running"
        let status =
            switch run.state {
            case .running: terminal.caution("running")
            case .interrupted: terminal.caution("interrupted")
            case .finished:
                run.end?.exitStatus == 0
                    ? terminal.good("exit 0")
                    : terminal.bad("exit \(run.end.flatMap(\.exitStatus).map(String.init) ?? "?")")
            }
        terminal.line("\(terminal.bold(run.start.name))  \(time)  \(status)  \(terminal.dim(run.start.id))")
    }

    private func energyText(_ terminal: Terminal) -> String {
        guard let total = run.end?.account.total, let joules = total.joules else {
            return "unknown: no channel of the total could be read"
        }
        let basis = total.basis == .measured ? "measured" : terminal.caution(total.basis.rawValue)
        return terminal.bold(joules.formatted(uncertainty: total.uncertainty))
            + "  \(basis) (95 %), \(total.coverage.joined(separator: " + "))"
    }

    private var netText: String? {
        guard let idle, let net = netEnergy(of: run, idle: idle) else { return nil }
        let watts = Watts(idle.watts).formatted(uncertainty: idle.uncertainty.map { Watts($0) })
        return "\(net.joules.formatted(uncertainty: net.uncertainty))  above idle, \(watts)"
    }

    private func partText(_ part: Attribution) -> String {
        let granted = "\(part.byAllocation.formatted())  by granted processors (\(percent(part.allocatedShare)))"
        guard let joules = part.byProcessorTime, let share = part.processorTimeShare else { return granted }
        return granted + ", \(joules.formatted()) by processor time (\(percent(share)), \(part.timeSource))"
    }

    private var meanPower: String? {
        guard let joules = run.end?.account.total.joules, let time = run.duration, time > 0 else { return nil }
        return (joules / Seconds(time)).formatted() + " mean"
    }

    /// A count with its energy, as `3840 images (160 mJ each)`.
    private func text(_ figure: CountFigure) -> String {
        let isClock = figure.unit == "ns"
        let amount = isClock ? duration(Seconds(nanoseconds: Int64(figure.count))) : "\(figure.count)"
        let energy = figure.joulesPerCount.map { joules in
            isClock ? "\(Joules(joules * 1e9).formatted()) a second" : "\(Joules(joules).formatted()) each"
        }
        let rate = figure.gflopPerJoule.map { "\(significant($0)) GFLOP/J" }
        let detail = [energy, rate].compactMap(\.self).joined(separator: ", ")
        return "\(amount) \(figure.name)" + (detail.isEmpty ? "" : " (\(detail))")
    }

    private func channels(_ terminal: Terminal) {
        guard let channels = run.end?.account.channels, !channels.isEmpty else { return }
        terminal.line()
        var rows = [["CHANNEL", "ENERGY (95 %)", "MEAN", "MAX", "SAMPLES", "BASIS"]]
        var notes: [String] = []
        for energy in channels {
            var remarks: [String] = []
            if !energy.channel.inTotal { remarks.append("not in the total") }
            if energy.wraps > 0 { remarks.append("\(energy.wraps) wraps") }
            if energy.resets > 0 { remarks.append("\(energy.resets) resets") }
            if !energy.gaps.isEmpty { remarks.append("\(energy.gaps.count) gaps") }
            if let note = energy.channel.note { remarks.append(note) }
            rows.append([
                energy.channel.name, energy.joules?.formatted(uncertainty: energy.uncertainty) ?? "–",
                energy.meanPower?.formatted() ?? "–", energy.maxPower?.formatted() ?? "–", "\(energy.samples)",
                energy.channel.basis.rawValue,
            ])
            if !remarks.isEmpty { notes.append("\(energy.channel.name): \(remarks.joined(separator: ", "))") }
        }
        printTable(rows, to: terminal, leading: [0, 5])
        for note in notes { terminal.item("  ", note, paint: terminal.dim, wholly: true) }
    }

    private func regions(_ terminal: Terminal) {
        guard let regions = run.end?.account.regions, !regions.isEmpty else { return }
        terminal.line()
        var rows = [["REGION", "COUNT", "TIME", "ENERGY (95 %)", "SHARE", "COUNTS"]]
        for region in regions {
            let depth = region.path.split(separator: "/").count - 1
            let leaf = region.path.split(separator: "/").last.map(String.init) ?? region.path
            let share = region.joules.flatMap { joules in
                run.end?.account.total.joules.map { percent(joules / $0) }
            }
            let counts = run.countFigures(of: region).map(text)
            rows.append([
                String(repeating: "  ", count: depth) + leaf, "\(region.count)", duration(region.duration),
                region.joules?.formatted(uncertainty: region.uncertainty) ?? "–", share ?? "–",
                counts.joined(separator: ", "),
            ])
        }
        // Counts are the first to go where a row would break.
        let isCut = terminal.isInteractive && aligned(rows, leading: [0, 5]).contains { $0.count > terminal.width }
        printTable(isCut ? rows.map { $0.dropLast() } : rows, to: terminal, leading: [0, 5])
    }

    private func values(_ terminal: Terminal) {
        guard let end = run.end, !end.metrics.isEmpty || !end.info.isEmpty else { return }
        terminal.line()
        let metrics = end.metrics.sorted { $0.key < $1.key }.map { "\($0.key) \(significant($0.value, digits: 4))" }
        if !metrics.isEmpty { terminal.item("metrics   ", metrics.joined(separator: ", ")) }
        let info = end.info.sorted { $0.key < $1.key }.map { "\($0.key) \(printable($0.value))" }
        if !info.isEmpty { terminal.item("workload  ", info.joined(separator: ", ")) }
    }

    private func machine(_ terminal: Terminal) {
        terminal.line()
        let host = run.start.host
        let memory = "\(significant(Double(host.memoryBytes) / 1_073_741_824)) GiB"
        // A tree of files that stands in for a machine may tell little of it.
        let facts = [
            host.name, host.cpu, host.cores > 0 ? "\(host.cores) cores" : "", host.memoryBytes > 0 ? memory : "",
            host.os, host.kernel.isEmpty ? "" : "Linux \(host.kernel)",
        ]
        let known = facts.filter { !$0.isEmpty }.joined(separator: ", ")
        terminal.item("machine   ", known.isEmpty ? "not described" : known)
        if let job = run.start.job {
            let facts = [
                "\(job.scheduler) \(job.id ?? "")" + (job.step.map { ".\($0)" } ?? ""), job.node.map { "node \($0)" },
                job.rank.map { "rank \($0)" }, job.localRank.map { "local rank \($0)" },
                "\(job.processors) of \(job.onlineProcessors) processors",
            ]
            terminal.item("job       ", facts.compactMap { $0 }.joined(separator: ", "))
        }
        terminal.item("command   ", run.start.command.joined(separator: " "))
        if let sampler = run.end?.sampler {
            terminal.item(
                "sampler   ",
                "every \(duration(Seconds(sampler.interval))), \(sampler.ticks) ticks, "
                    + "\(sampler.missed) missed, 99 % within \(duration(Seconds(sampler.latenessP99))), "
                    + "\(duration(Seconds(sampler.cpuTime))) of CPU time"
            )
        }
    }
}
