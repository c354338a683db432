import Carbon
import Foundation
import Ledger
import Metering
import Quantities

/// A ledger of runs with known times and joules; test data, nothing that was measured.
struct Measured {
    let path: String
    let ledger: LedgerFile
    static let hour: Int64 = 3_600_000_000_000

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "allocation-\(UUID().uuidString).sqlite").path
        ledger = try LedgerFile(path: path, mode: .readWrite)
    }

    func clean() { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }

    /// A run of `seconds` and `joules` on `nodes` nodes of 128 processors.
    static func run(
        _ id: String,
        name: String = "train",
        seconds: Double,
        joules: Double?,
        calibration: Double = 0,
        nodes: Int = 1,
        gpus: Int = 0,
        cores: Int = 128,
        status: Int32? = 0,
        role: RunRole = .measurement,
        place: ArmPlace? = nil,
        tags: [String: String] = [:],
        images: Int? = nil,
        metrics: [String: Double] = [:],
        at order: Int = 0
    ) -> RunRecord {
        let total = EnergyReading(
            joules: joules.map { Joules($0) },
            uncertainty: joules.map { Joules($0 * calibration) },
            randomUncertainty: joules.map { _ in Joules(0) },
            basis: .measured,
            coverage: joules == nil ? [] : ["cray/node"]
        )
        let start = RunStart(
            id: id,
            name: name,
            command: ["train"],
            tags: tags,
            role: role,
            place: place,
            host: Host(
                name: "nid001",
                cpu: "AMD EPYC 7742",
                cores: cores,
                memoryBytes: 1,
                kernel: "",
                os: "",
                bootID: "b"
            ),
            job: Job(
                scheduler: "slurm",
                id: id,
                processors: cores,
                onlineProcessors: cores,
                variables: ["SLURM_JOB_NUM_NODES": "\(nodes)", "SLURM_GPUS_ON_NODE": "\(gpus)"]
            ),
            startedAt: 1_760_000_000_000_000 + Int64(order) * 100_000_000_000,
            start: Int64(order) * 100 * hour,
            interval: 0.1,
            writerPID: 1
        )
        let end = RunEnd(
            state: .finished,
            exitStatus: status,
            end: Int64(order) * 100 * hour + Int64(seconds * 1e9),
            marks: Marks(),
            account: EnergyAccount(total: total, channels: [], regions: []),
            metrics: metrics,
            counts: images.map { ["images": $0] } ?? [:]
        )
        return RunRecord(start: start, end: end)
    }

    /// An experiment with the arms fp32 and bf16: bf16 takes about half of all, and quality is kept.
    func addExperiment() throws {
        let experiment = ExperimentRecord(
            id: "x1",
            name: "unet",
            createdAt: 1_760_000_000_000_000,
            plan: "",
            factors: [
                .init(name: "precision", levels: ["fp32", "bf16"]), .init(name: "steps", levels: ["10", "20", "40"]),
            ],
            baseline: ["precision": "fp32"],
            repeats: 4,
            warmup: 0,
            order: "randomized-blocks",
            seed: 1,
            quality: QualityCriterion(metric: "iou", higherIsBetter: true, margin: 0.01),
            warnings: []
        )
        try ledger.add(experiment)
        var runs: [RunRecord] = []
        for (arm, precision) in ["fp32", "bf16"].enumerated() {
            for steps in [10, 20, 40] {
                for block in 0..<4 {
                    let factor = precision == "fp32" ? 1.0 : 0.5
                    let wiggle = 1 + 0.01 * Double([-1, 1, -2, 2][block])
                    runs.append(
                        Self.run(
                            "r-\(precision)-\(steps)-\(block)",
                            name: "unet",
                            seconds: (100 + 90 * Double(steps)) * factor * wiggle,
                            joules: (40_000 + 36_000 * Double(steps)) * factor * wiggle,
                            calibration: 0.04,
                            place: ArmPlace(
                                experimentID: "x1",
                                levels: ["precision": precision, "steps": "\(steps)"],
                                block: block,
                                position: runs.count
                            ),
                            images: steps * 8,
                            metrics: ["iou": 0.79 + 0.0004 * Double([1, -1, 2, -2][block]) * (arm == 0 ? 1 : -1)],
                            at: runs.count
                        )
                    )
                }
            }
        }
        _ = try ledger.add(runs)
    }

    /// An experiment that scales over threads, by Amdahl's law with a serial fraction of a tenth.
    func addScaling() throws {
        let sizes = [1, 2, 4, 8]
        let experiment = ExperimentRecord(
            id: "s1",
            name: "threads",
            createdAt: 1_760_000_000_000_000,
            plan: "",
            factors: [.init(name: "threads", levels: sizes.map { "\($0)" })],
            baseline: ["threads": "1"],
            repeats: 3,
            warmup: 0,
            order: "randomized-blocks",
            seed: 1,
            quality: nil,
            scaling: .init(over: .threads, modes: [.strong], launch: .local),
            warnings: []
        )
        try ledger.add(experiment)
        var runs: [RunRecord] = []
        for size in sizes {
            for block in 0..<3 {
                let wiggle = 1 + 0.01 * Double([-1, 1, 0][block])
                runs.append(
                    Self.run(
                        "t-\(size)-\(block)",
                        name: "threads",
                        seconds: 1000 * (0.1 + 0.9 / Double(size)) * wiggle,
                        joules: 50_000 * (1 + 0.1 * Double(size)) * wiggle,
                        place: ArmPlace(
                            experimentID: "s1",
                            levels: ["threads": "\(size)"],
                            block: block,
                            position: runs.count
                        ),
                        images: 400,
                        at: 100 + runs.count
                    )
                )
            }
        }
        _ = try ledger.add(runs)
    }
}
