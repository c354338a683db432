import Analysis
import Carbon
import Ledger
import Metering
import Quantities

@testable import Reporting

/// A study with made-up numbers: test data, never a measurement.
///
/// Everything follows from the block and the arm, so that it is the same on every machine.
enum Synthetic {
    static let host = Host(
        name: "test-data",
        cpu: "Invented Processor 9000",
        cores: 16,
        memoryBytes: 68_719_476_736,
        gpus: ["Invented Accelerator"],
        kernel: "6.1.0-test",
        os: "Debian GNU/Linux 12",
        bootID: "00000000-0000-0000-0000-000000000000",
        timeZone: "Europe/Berlin",
        country: "DE"
    )

    static func channel(_ name: String, _ device: Device, basis: Basis) -> Channel {
        Channel(
            name: name,
            device: device,
            domain: "package",
            kind: .energyCounter(joulesPerCount: 1e-6, range: 262_143_328_850),
            basis: basis,
            inTotal: true,
            relativeUncertainty: basis == .modelled ? 0.3 : 0.03,
            uncertaintySource: basis == .modelled ? "coefficients of a family" : "published comparison with a meter",
            updatePeriod: Seconds(0.001),
            source: "/sys/class/powercap/test/energy_uj"
        )
    }

    static func energy(_ channel: Channel, _ joules: Double) -> ChannelEnergy {
        ChannelEnergy(
            channel: channel,
            joules: Joules(joules),
            uncertainty: Joules(joules * 2 * channel.relativeUncertainty),
            randomUncertainty: Joules(0.2),
            meanPower: Watts(joules / 12),
            maxPower: Watts(joules / 9),
            samples: 120,
            wraps: 1,
            resets: 0,
            gaps: [],
            budget: budget(joules * channel.relativeUncertainty, channel.basis, random: 0.2)
        )
    }

    /// A gain, and the ages of a value beside it.
    static func budget(_ gain: Double, _ basis: Basis, random: Double) -> UncertaintyBudget {
        UncertaintyBudget([
            .init(
                part: basis == .measured ? .calibration : .model,
                standardUncertainty: Joules(gain),
                distribution: .normal,
                isShared: true
            ),
            .init(part: .updatePeriod, standardUncertainty: Joules(random * 0.96), distribution: .triangular),
            .init(part: .resolution, standardUncertainty: Joules(random * 0.28), distribution: .triangular),
        ])
    }

    /// One run: 12 s of fp32 or 7 s of bf16, a little longer in every block.
    static func run(_ arm: String, block: Int, basis: Basis = .measured) -> RunRecord {
        let fast = arm == "bf16"
        let seconds = (fast ? 7.02 : 12.01) + 0.05 * Double((block * 7) % 5)
        let joules = (fast ? 372.0 : 611.0) + 2.5 * Double((block * 3) % 4)
        let start: Int64 = 1_000_000_000
        let end = start + Int64(seconds * 1e9)
        let cpu = energy(channel("powercap/package-0", .cpu, basis: basis), joules * 0.83)
        let memory = energy(channel("powercap/package-0/dram", .memory, basis: basis), joules * 0.17)
        let total = EnergyReading(
            joules: Joules(joules),
            uncertainty: Joules(joules * 0.06),
            randomUncertainty: Joules(0.3),
            basis: basis,
            coverage: [cpu.channel.name, memory.channel.name],
            budget: budget(joules * cpu.channel.relativeUncertainty, basis, random: 0.3)
        )
        let mark = { (time: Double, event: Mark.Event) in
            Mark(time: start + Int64(time * 1e9), pid: 100, tid: 100, event: event)
        }
        let third = (seconds - 1.5) / 3
        var marks = [mark(0.2, .begin(region: "load", attributes: [:])), mark(0.9, .end(region: "load"))]
        marks.append(mark(1, .begin(region: "train", attributes: [:])))
        for epoch in 0..<3 {
            marks.append(mark(1 + Double(epoch) * third, .begin(region: "epoch", attributes: [:])))
            marks.append(mark(1 + Double(epoch + 1) * third - 0.01, .end(region: "epoch")))
        }
        marks.append(mark(seconds - 0.5, .end(region: "train")))
        let regions = [
            ("load", 1, 0.7, 0.03), ("train", 1, seconds - 1.5, 0.9), ("train/epoch", 3, third * 3 - 0.03, 0.89),
        ]
        let account = EnergyAccount(
            total: total,
            channels: [cpu, memory],
            regions: regions.map { path, count, time, share in
                RegionEnergy(
                    path: path,
                    count: count,
                    duration: Seconds(time),
                    joules: Joules(joules * share),
                    uncertainty: Joules(joules * share * 0.062),
                    counts: ["images": 320]
                )
            }
        )
        return RunRecord(
            start: RunStart(
                id: "test-\(arm)-\(block)",
                name: "unet",
                command: ["wattbook-unet", "train", "--precision", arm, "--steps", "40"],
                place: ArmPlace(
                    experimentID: "test-experiment",
                    levels: ["precision": arm],
                    block: block,
                    position: 2 * block + (fast ? 1 : 0)
                ),
                host: host,
                startedAt: 1_795_465_106_123_456 + Int64(block) * 60_000_000,
                start: start,
                interval: 0.1,
                writerPID: 1
            ),
            end: RunEnd(
                state: .finished,
                exitStatus: 0,
                end: end,
                marks: Marks(marks: marks),
                account: account,
                metrics: ["iou": fast ? 0.789 : 0.79],
                counts: ["images": 320],
                info: ["arithmetic": fast ? "native" : "ieee", "algorithm": "direct", "engine": "oneDNN 2.6.3"],
                sampler: SamplerReport(interval: 0.1, ticks: 120, missed: 0, latenessP99: 0.0003, cpuTime: 0.012)
            )
        )
    }

    /// A trace of a run: a ramp while loading, then a wave about the mean power; the counter wraps once.
    static func traces(_ run: RunRecord, ticks: Int = 240) -> [Trace] {
        guard let end = run.end else { return [] }
        let basis = end.account.total.basis
        let channels = [
            channel("powercap/package-0", .cpu, basis: basis),
            channel("powercap/package-0/dram", .memory, basis: basis),
        ]
        let span = end.end - run.start.start
        let times = (0...ticks).map { run.start.start + span * Int64($0) / Int64(ticks) }
        let step = Double(span) * 1e-9 / Double(ticks)
        let columns = channels.enumerated().map { index, channel -> [UInt64] in
            var count: UInt64 = index == 0 ? 262_000_000_000 : 5
            return (0...ticks).map { tick in
                defer {
                    let wave = Double((tick * 37) % 23) / 23
                    let time = Double(tick) * step
                    let power = index == 0 ? (time < 1 ? 18 : 43 + 6 * wave) : (time < 1 ? 3 : 7.5 + wave)
                    count = (count + UInt64(power * step * 1e6)) % 262_143_328_851
                }
                return count
            }
        }
        return [Trace(channels: channels, before: times, after: times.map { $0 + 20_000 }, columns: columns)]
    }

    static let grid = CarbonAccount(
        account: "location",
        operational: GramsCO2e(0.0673),
        embodied: nil,
        total: GramsCO2e(0.0673),
        uncertainty: GramsCO2e(0.0141),
        intensity: GramsPerKilowattHour(329.7),
        intensityUncertainty: 0.1,
        intensitySource: "Ember via Our World in Data (CC-BY-4.0), 2025",
        zone: "DE",
        zoneName: "Germany",
        zoneAssumed: true,
        year: 2025,
        basis: "life-cycle",
        pue: 1.2,
        pueGiven: true,
        unmeasuredFactor: 1
    )

    static func arm(_ label: String, runs: [RunRecord], spread: Double) -> ArmSummary {
        let times = runs.compactMap(\.duration)
        let joules = runs.compactMap { $0.end?.account.total.joules?.value }
        let mean = { (values: [Double]) in values.reduce(0, +) / Double(max(1, values.count)) }
        let estimate = { (value: Double) in
            Estimate(value: value, low: value * (1 - spread), high: value * (1 + spread))
        }
        return ArmSummary(
            label: label,
            levels: ["precision": label],
            runIDs: runs.map(\.start.id),
            isBaseline: label == "fp32",
            duration: estimate(mean(times)),
            energy: estimate(mean(joules)),
            energyUncertainty: mean(joules) * 0.06,
            meanPower: estimate(mean(joules) / mean(times)),
            co2e: estimate(mean(joules) / 3.6e6 * 1.2 * 329.7),
            metrics: ["iou": estimate(label == "fp32" ? 0.79 : 0.789)],
            throughput: estimate(320 / mean(times)),
            joulesPerImage: estimate(mean(joules) / 320),
            imagesPerJoule: estimate(320 / mean(joules)),
            deviceJoules: [.cpu: mean(joules) * 0.83, .memory: mean(joules) * 0.17],
            info: ["arithmetic": label == "fp32" ? "ieee" : "native", "algorithm": "direct", "engine": "oneDNN 2.6.3"]
        )
    }

    static let experiment = ExperimentRecord(
        id: "test-experiment",
        name: "test-data-precision",
        createdAt: 1_795_465_000_000_000,
        plan: "name: test-data-precision\n",
        factors: [.init(name: "precision", levels: ["fp32", "bf16"])],
        baseline: ["precision": "fp32"],
        repeats: 5,
        warmup: 1,
        order: "randomized-blocks",
        seed: 42,
        quality: QualityCriterion(metric: "iou", higherIsBetter: true, margin: 0.01),
        smallestRelevantSaving: 0.05,
        warnings: ["Five repeats an arm give wide intervals; ten give narrower ones."]
    )

    static func study(basis: Basis = .measured) -> Study {
        let base = (0..<5).map { run("fp32", block: $0, basis: basis) }
        let fast = (0..<5).map { run("bf16", block: $0, basis: basis) }
        let comparison = Comparison(
            baseline: .init(label: "fp32", runIDs: base.map(\.start.id)),
            candidate: .init(label: "bf16", runIDs: fast.map(\.start.id)),
            speedup: Estimate(value: 1.704, low: 1.672, high: 1.737, p: 1.2e-6),
            energyRatio: Estimate(value: 0.609, low: 0.598, high: 0.621, p: 3.4e-6),
            energySaved: .init(fraction: 0.391, low: 0.379, high: 0.402, joulesPerRun: 240.5),
            powerRatio: Estimate(value: 1.038, low: 1.012, high: 1.065),
            edpRatio: Estimate(value: 0.357, low: 0.344, high: 0.371),
            co2eSavedGramsPerRun: Estimate(value: 0.0264, low: 0.0256, high: 0.0272),
            netEnergyRatio: nil,
            quality: .init(
                metric: "iou",
                baseline: 0.79,
                candidate: 0.789,
                margin: 0.01,
                difference: Estimate(value: -0.001, low: -0.004, high: 0.002),
                verdict: .kept
            ),
            relevance: .relevant,
            effectSize: .init(value: -48, low: -84, high: -20, kind: .pairedDz),
            algorithmDiffers: false,
            verdict: .savesEnergy,
            findings: []
        )
        let runs = zip(base, fast).flatMap { [$0, $1] }
        return Study(
            title: "Test data: precision of an invented net",
            experiment: experiment,
            arms: [arm("fp32", runs: base, spread: 0.011), arm("bf16", runs: fast, spread: 0.013)],
            comparisons: [comparison],
            verdict: "Test data that nobody measured: bf16 saves 39.1 % of the energy of fp32 (37.9 to 40.2 %) and "
                + "runs 1.70 times as fast.",
            findings: [
                "bf16 ran 1.70 times as fast as fp32 (1.67 to 1.74).",
                "bf16 draws 3.8 % more power while it runs (1.2 to 6.5 %).",
                "iou is kept: 0.789 against 0.79, a difference of -0.001 (-0.004 to 0.002), within the "
                    + "margin of 0.01.",
            ],
            answers: (try? Analysis.study(experiment: experiment, runs: runs))?.answers ?? [],
            warnings: ["These figures are test data that nobody measured."],
            basis: basis,
            host: host,
            hosts: [host],
            carbon: [grid],
            runs: runs
        )
    }

    static func report(basis: Basis = .measured) -> Report {
        let study = study(basis: basis)
        let runs = Dictionary(uniqueKeysWithValues: study.runs.map { ($0.start.id, $0) })
        let readings = runs.mapValues { Synthetic.traces($0) }
        return Report(study: study, traces: readings, carbon: runs.mapValues { _ in [grid] }, version: "0.0.0-test")
    }
}
