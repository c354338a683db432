import Carbon
import Metering
import Quantities
import Testing

@testable import Ledger

/// Records with every field set to something that is not its default, and words that hurt.
enum FullRecords {
    static let words = "Größe „π“ 'quoted' \"double\" \\ back; DROP TABLE run; -- \n\t\u{1F50B} \u{0}end"

    static let experiment = ExperimentRecord(
        id: "experiment-1",
        name: words,
        createdAt: 1_700_000_000_123_456,
        plan: "name: x # \(words)\n",
        factors: [.init(name: "precision", levels: ["fp32", "bf16"]), .init(name: words, levels: [words, ""])],
        baseline: ["precision": "fp32", words: words],
        repeats: 7,
        warmup: 3,
        order: "randomized-blocks",
        seed: .max,
        quality: QualityCriterion(metric: "iou", higherIsBetter: true, margin: 0.01),
        warnings: [words]
    )

    static let published = PublishedIntensity(
        source: LiveSource(service: .gb, region: "13"),
        interval: .init(from: 1_800, to: 3_600, value: GramsPerKilowattHour(7)),
        basis: .direct,
        kind: .average,
        isProvisional: false,
        url: "http://127.0.0.1/",
        fetchedAt: 5
    )

    static let start = RunStart(
        id: "run-full",
        name: words,
        command: ["sh", "-c", words, ""],
        tags: [words: words, "a": ""],
        role: .warmup,
        place: ArmPlace(experimentID: "experiment-1", levels: ["precision": "bf16"], block: 2, position: 5),
        host: Host(
            name: "knoten",
            cpu: "cpu",
            cores: 128,
            memoryBytes: 1 << 40,
            gpus: ["gpu 0", words],
            kernel: "6",
            os: "os",
            bootID: "boot",
            timeZone: "Europe/Berlin",
            country: "DE"
        ),
        startedAt: 1_700_000_001_000_001,
        start: 123_456_789_012,
        interval: 0.01,
        carbon: CarbonSettings(zone: "DE", zoneAssumed: true, pue: 1.2, unmeasuredFactor: 1.15),
        writerPID: 4321,
        writerBirth: ProcessBirth(namespace: "pid:[1]", ticks: 99),
        marksPath: "/tmp/\(words)"
    )

    static let channel = Channel(
        name: "powercap/package-0/dram",
        device: .memory,
        domain: "dram",
        kind: .energyCounter(joulesPerCount: 6.1e-5, range: 262_143_328_850),
        basis: .mixed,
        containedIn: "powercap/package-0",
        inTotal: false,
        relativeUncertainty: 0.1 + 0.2,
        uncertaintySource: words,
        updatePeriod: Seconds(0.000976),
        maximumPower: Watts(12.5),
        readWithin: Seconds(29.9),
        source: "/sys/\(words)",
        note: words
    )

    static let budget = UncertaintyBudget([
        .init(part: .calibration, standardUncertainty: Joules(0.1), distribution: .normal, isShared: true),
        .init(part: .averagingWindow, standardUncertainty: Joules(1.0 / 3), distribution: .bound),
        .init(part: .gaps, standardUncertainty: Joules(.leastNonzeroMagnitude), distribution: .uniform),
    ])

    static let end = RunEnd(
        state: .interrupted,
        exitStatus: 137,
        end: 223_456_789_012,
        marks: Marks(
            marks: [
                Mark(time: 1, pid: 2, tid: 3, event: .begin(region: "train", attributes: ["k": words])),
                Mark(time: 4, pid: 5, tid: 6, event: .count(["images": .max, "lost": -1])),
                Mark(time: 7, pid: 8, tid: 9, event: .metric(["iou": 0.1, "bad": .infinity, "low": -.infinity])),
                Mark(time: 10, pid: 11, tid: 12, event: .info([words: words])),
                Mark(time: .max, pid: 14, tid: 15, event: .end(region: "train")),
            ],
            rejected: 3,
            firstRejected: words
        ),
        account: EnergyAccount(
            total: EnergyReading(
                joules: Joules(1.0 / 3),
                uncertainty: Joules(.leastNonzeroMagnitude),
                randomUncertainty: Joules(1e300),
                basis: .mixed,
                coverage: ["a", words],
                budget: budget
            ),
            channels: [
                ChannelEnergy(
                    channel: channel,
                    joules: Joules(-1.5),
                    uncertainty: Joules(0.25),
                    randomUncertainty: Joules(0.125),
                    meanPower: Watts(3),
                    maxPower: Watts(.infinity),
                    samples: 12,
                    wraps: 2,
                    resets: 1,
                    gaps: [Gap(from: 0.5, to: 1.5, reason: words)],
                    budget: budget
                )
            ],
            regions: [
                RegionEnergy(
                    path: "train/\(words)",
                    count: 3,
                    duration: Seconds(9.1),
                    joules: Joules(455),
                    uncertainty: Joules(27.7),
                    counts: ["images": 12],
                    budget: UncertaintyBudget([])
                )
            ],
            metrics: [MetricCourse(metric: words, seconds: [0.5, 2], values: [0.1, -3], joules: [nil, 1.0 / 3])]
        ),
        metrics: ["iou": 0.79, "large": .greatestFiniteMagnitude, "bad": .infinity, words: -0.0],
        counts: ["images": 3840],
        info: ["framework": words],
        sampler: SamplerReport(interval: 0.1, ticks: 12, missed: 3, latenessP99: 0.0003, cpuTime: 0.02),
        warnings: [words]
    )
}

/// What goes in comes out, in every field.
@Suite struct RecordTests {
    @Test func aRunComesBackWhole() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        let power = Channel.Kind.power(wattsPerCount: 0.001, window: Seconds(0.025))
        let streams = [[FullRecords.channel, channel("nvml/0", kind: power)], [channel("slow")]]
        try ledger.add(FullRecords.experiment)
        try ledger.begin(FullRecords.start, channels: streams)
        #expect(try ledger.record("run-full") == RunRecord(start: FullRecords.start, end: nil))
        for piece in 0..<3 {
            for (stream, channels) in streams.enumerated() {
                try ledger.append("run-full", stream: stream, steady(channels, piece * 4, 4))
            }
        }
        try ledger.finish("run-full", FullRecords.end)

        let again = try LedgerFile(path: scratch.path(), mode: .readOnly)
        let whole = RunRecord(start: FullRecords.start, end: FullRecords.end)
        #expect(try again.record("run-full") == whole)
        #expect(try again.runs(ofExperiment: "experiment-1") == [whole])
        #expect(try again.traces("run-full") == streams.map { steady($0, 0, 12) })
        var bare = whole
        _ = bare.end?.removeDetail()
        #expect(try again.runs() == [bare], "a list carries no marks and no detail")
        #expect(try again.experiments() == [FullRecords.experiment])
        #expect(try again.number("SELECT count(*) FROM metric") == 3, "columns hold finite numbers")
    }

    @Test func whatIsNotANumberStaysThat() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        var end = runEnd()
        end.metrics = ["loss": .nan]
        end.account.total.joules = Joules(.nan)
        try ledger.begin(runStart(), channels: [])
        try ledger.finish("run-1", end)
        let back = try ledger.record("run-1").end
        #expect(back?.metrics["loss"]?.isNaN == true)
        #expect(back?.account.total.joules?.value.isNaN == true)
        #expect(try ledger.traces("run-1").isEmpty)
    }

    @Test func aRunWithoutAnythingComesBack() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        try ledger.begin(runStart(), channels: [channels(1)])
        try ledger.append("run-1", stream: 0, Trace(channels: channels(1)))
        try ledger.finish("run-1", runEnd())
        #expect(try ledger.record("run-1").end == runEnd())
        #expect(try ledger.record("run-1").start.writerBirth != nil, "a writer that lives has a birth")
        #expect(try ledger.traces("run-1") == [Trace(channels: channels(1))])
    }
}
