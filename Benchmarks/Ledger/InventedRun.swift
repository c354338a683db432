import Ledger
import Metering
import Quantities
import Statistics

/// A run of a training that never was: two counters, ten epochs as regions, a metric and a count after each.
struct InventedRun {
    static let levels = ["fp32", "bf16"]

    let start: RunStart
    let end: RunEnd
    let trace: Trace

    init(_ level: String, block: Int, position: Int, samples: Int, _ random: inout SplitMix64) {
        let begin = Int64(position) * 30_000_000_000
        let seconds = (level == "fp32" ? 20 : 12) * (1 + 0.02 * random.unit())
        let length = Int64(seconds * 1e9)
        start = RunStart(
            id: newID(at: Int64(position) * 30_000_000),
            name: "precision=\(level)",
            command: ["train", "--precision", level, "--data", "images", "--batch", "8", "--steps", "40"],
            place: ArmPlace(
                experimentID: Self.experimentID,
                levels: ["precision": level],
                block: block,
                position: position
            ),
            host: Metering.Host(
                name: "node1",
                cpu: "an invented processor",
                cores: 2,
                memoryBytes: 1 << 35,
                kernel: "6.1.0",
                os: "Debian GNU/Linux 12 (bookworm)",
                bootID: "00000000-0000-0000-0000-000000000000"
            ),
            startedAt: 1_700_000_000_000_000 + Int64(position) * 30_000_000,
            start: begin,
            interval: seconds / Double(samples),
            writerPID: 1
        )
        trace = Self.trace(from: begin, length: length, samples: samples, watts: 50 * (1 + 0.02 * random.unit()))
        let marks = Self.marks(from: begin, length: length, best: 0.8 + 0.01 * random.unit())
        end = RunEnd(
            state: .finished,
            exitStatus: 0,
            end: begin + length,
            marks: marks,
            account: account(traces: [trace], start: begin, end: begin + length, marks: marks),
            metrics: marks.metrics,
            counts: marks.counts,
            info: ["framework": "none", "precision": level, "threads": "2", "device": "cpu"]
        )
    }

    /// One node's part of a step of a job on many nodes.
    init(node: Int, of nodes: Int, samples: Int, _ random: inout SplitMix64) {
        let name = "node\(node)"
        let seconds = 60.0
        // Nodes were started at different times, and a step does not begin on all of them in the same instant.
        let begin = Int64(node) * 1_000_000_000 + Int64(random.unit() * 5e7)
        start = RunStart(
            id: newID(at: 1_700_000_000_000_000 + Int64(node)),
            name: "train",
            command: ["train", "--precision", "bf16", "--data", "images"],
            role: .part,
            host: Metering.Host(
                name: name,
                cpu: "an invented processor",
                cores: 2,
                memoryBytes: 1 << 35,
                kernel: "6.1.0",
                os: "Debian GNU/Linux 12 (bookworm)",
                bootID: "00000000-0000-0000-0000-\(100_000_000_000 + node)"
            ),
            job: Job(
                scheduler: "slurm",
                id: "4711",
                step: "0",
                node: name,
                rank: node,
                localRank: 0,
                processors: 2,
                onlineProcessors: 2,
                variables: [
                    "SLURM_JOB_ID": "4711", "SLURM_STEP_ID": "0", "SLURMD_NODENAME": name, "SLURM_PROCID": "\(node)",
                    "SLURM_LOCALID": "0", "SLURM_NODEID": "\(node)", "SLURM_NTASKS": "\(nodes)",
                    "SLURM_JOB_NUM_NODES": "\(nodes)", "SLURM_STEP_NUM_NODES": "\(nodes)",
                    "SLURM_STEP_NUM_TASKS": "\(nodes)", "SLURM_JOB_NODELIST": "node[0-\(nodes - 1)]",
                    "SLURM_STEP_NODELIST": "node[0-\(nodes - 1)]",
                ]
            ),
            startedAt: 1_700_000_000_000_000 + Int64(random.unit() * 5e4),
            start: begin,
            interval: seconds / Double(samples),
            writerPID: 1
        )
        let length = Int64(seconds * 1e9)
        trace = Self.trace(from: begin, length: length, samples: samples, watts: 300 * (1 + 0.05 * random.unit()))
        let marks = Self.marks(from: begin, length: length, best: 0.8)
        end = RunEnd(
            state: .finished,
            exitStatus: 0,
            end: begin + length,
            marks: marks,
            account: account(traces: [trace], start: begin, end: begin + length, marks: marks),
            metrics: marks.metrics,
            counts: marks.counts,
            info: ["framework": "none", "rank": "\(node)", "host": name]
        )
    }

    private static func trace(from begin: Int64, length: Int64, samples: Int, watts: Double) -> Trace {
        var trace = Trace(channels: ["package-0", "package-1"].map(channel))
        var joules = 0.0
        for tick in 0..<samples {
            let time = begin + length * Int64(tick) / Int64(samples - 1) / 1000 * 1000
            trace.before.append(time)
            trace.after.append(time + 10_000)
            // The power goes up and down, so that the counters are no straight lines.
            joules += watts * (tick / 25 % 2 == 0 ? 0.8 : 1.2) * Double(length) / Double(samples) * 1e-9
            let counts = UInt64(joules * 1e6)
            trace.columns[0].append(counts)
            trace.columns[1].append(counts / 2)
        }
        return trace
    }

    private static func channel(_ name: String) -> Channel {
        Channel(
            name: "powercap/\(name)",
            device: .cpu,
            domain: "package",
            kind: .energyCounter(joulesPerCount: 1e-6, range: 262_143_328_850),
            basis: .measured,
            inTotal: true,
            relativeUncertainty: 0.03,
            uncertaintySource: "invented",
            updatePeriod: Seconds(0.001),
            source: "invented"
        )
    }

    private static func marks(from begin: Int64, length: Int64, best: Double) -> Marks {
        var marks: [Mark] = []
        for epoch in 0..<10 {
            let time = { (part: Int64) in begin + length * (Int64(epoch) * 10 + part) / 100 }
            let events: [(Int64, Mark.Event)] = [
                (0, .begin(region: "epoch", attributes: ["number": "\(epoch)"])), (8, .count(["images": 512])),
                (9, .metric(["iou": best * (1 - 1 / Double(epoch + 2)), "loss": 1 / Double(epoch + 1)])),
                (10, .end(region: "epoch")),
            ]
            marks += events.map { Mark(time: time($0), pid: 2, tid: 2, event: $1) }
        }
        return Marks(marks: marks)
    }

    private static let experimentID = "bench"

    static func experiment(repeats: Int) -> ExperimentRecord {
        ExperimentRecord(
            id: experimentID,
            name: "bench",
            createdAt: 1_700_000_000_000_000,
            plan: "name: bench",
            factors: [ExperimentRecord.Factor(name: "precision", levels: levels)],
            baseline: ["precision": levels[0]],
            repeats: repeats,
            warmup: 0,
            order: "randomized-blocks",
            seed: 1,
            quality: QualityCriterion(metric: "iou", higherIsBetter: true, margin: 0.01),
            warnings: []
        )
    }
}

extension SplitMix64 {
    /// Between -1 and 1.
    fileprivate mutating func unit() -> Double { Double(next() >> 11) / Double(UInt64(1) << 52) - 1 }
}
