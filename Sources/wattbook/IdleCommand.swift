import Analysis
import ArgumentParser
import Experiments
import Ledger
import Metering
import Quantities
import Reporting

import class Foundation.ProcessInfo

/// `wattbook idle`: measures what the machine draws doing nothing, for the net figures of other runs.
struct IdleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "Measure and keep this host's idle power.",
        discussion: """
            Runs on this host and with these sensors then show net energy (above idle) beside gross. Measure it with \
            nothing else running: six stretches, so that their spread tells the uncertainty.
            """
    )

    @OptionGroup var options: GlobalOptions
    @OptionGroup var sensors: SensorOptions

    @Option(help: ArgumentHelp("How long, 6s to 1h, in six stretches.", valueName: "time"))
    var duration = TimeSpan(nanoseconds: 60_000_000_000)

    @Option(help: ArgumentHelp("Time between two readings, 1ms to 60s.", valueName: "time"))
    var interval = TimeSpan(nanoseconds: 100_000_000)

    private static let stretches = 6
    /// Processors that others may keep busy before the machine does not count as idle.
    private static let mostBusy = 0.1

    mutating func validate() throws {
        guard (6_000_000_000...3_600_000_000_000).contains(duration.nanoseconds) else {
            throw ValidationError("The duration must lie between 6s and 1h. Say for instance --duration 60s.")
        }
        guard samplingIntervals.contains(interval.nanoseconds) else {
            throw ValidationError("The interval must lie between 1ms and 60s. Say for instance --interval 100ms.")
        }
    }

    mutating func run() throws {
        if let job = Job.read(environment: ProcessInfo.processInfo.environment), !job.samples {
            throw Failure(
                .unavailable,
                "Local rank \(job.localRank ?? 0) reads no sensor: local rank 0 of this node does.",
                remedy: "Start `wattbook idle` once a node, as with srun --ntasks-per-node=1."
            )
        }
        let host = Host.read(root: options.rootPath)
        let inventory = try sensors.inventory(root: options.rootPath)
        let ledger = try options.ledgerToAppend(host: host)
        try ledger.recover(host: host)
        let measurement = Measurement(ledger: ledger, inventory: inventory, host: host, root: options.rootPath)
        let seconds = Double(duration.nanoseconds) * 1e-9 / Double(Self.stretches)
        var runs: [RunRecord] = []
        var series: String?
        for _ in 0..<Self.stretches {
            let outcome = try measurement.measure(
                MeasurementRequest(
                    command: ["sleep", "\(seconds)"],
                    name: "idle",
                    tags: series.map { [idleSeriesTag: $0] } ?? [idleSeriesTag: "\(host.name) \(wallNow())"],
                    role: .idle,
                    interval: interval.nanoseconds,
                    input: .none,
                    output: .standardError
                )
            )
            if let failure = outcome.ledgerFailure { throw failure }
            if let signal = outcome.terminalSignal { Signals.die(of: signal) }
            runs.append(outcome.run)
            series = outcome.run.start.tags[idleSeriesTag]
            guard outcome.run.end?.exitStatus == 0 else { throw ExitCode(outcome.run.end?.exitStatus ?? 1) }
        }
        try tell(runs)
    }

    private func tell(_ runs: [RunRecord]) throws {
        guard let idle = idlePower(of: runs) else {
            throw Failure(
                .unavailable,
                "The sensors gave no joules in \(Quantities.duration(Seconds(Double(duration.nanoseconds) * 1e-9))).",
                remedy: "See what can be read with `wattbook probes`, or measure longer with --duration."
            )
        }
        if options.json {
            options.out.raw(idleDocument(idle, runs))
            return
        }
        let watts = Watts(idle.watts).formatted(uncertainty: idle.uncertainty.map { Watts($0) })
        let basis = runs[0].end?.account.total.basis.rawValue ?? "unknown"
        options.out.line("idle  \(watts)  \(basis) (95 %), \((idle.coverage ?? []).joined(separator: " + "))")
        let busy = runs.compactMap { $0.end?.surroundings?.othersBusy }.max() ?? 0
        if busy > Self.mostBusy {
            let warning = "Other programs kept \(significant(busy)) processors busy: this is not what it draws idle."
            options.err.item("  ! ", warning, paint: options.err.caution)
        }
        for warning in Set(runs.flatMap { $0.end?.warnings ?? [] }).sorted() {
            options.err.item("  ! ", warning, paint: options.err.caution)
        }
    }
}

/// The JSON document of an idle measurement, `wattbook.idle/1`.
private func idleDocument(_ idle: IdlePower, _ runs: [RunRecord]) -> String {
    JSON.object([
        ("schema", .string("wattbook.idle/1")),
        ("watts", .number(orNull: idle.watts)),
        ("uncertainty_w", .number(orNull: idle.uncertainty)),
        ("drift", .number(orNull: idle.drift)),
        ("basis", .string(orNull: runs.first?.end?.account.total.basis.rawValue)),
        ("coverage", .strings(idle.coverage ?? [])),
        ("runs", .strings(idle.runs)),
        ("others_busy_processors", .number(orNull: runs.compactMap { $0.end?.surroundings?.othersBusy }.max())),
        ("warnings", .strings(Set(runs.flatMap { $0.end?.warnings ?? [] }).sorted())),
    ]).text
}
