import Analysis
import Carbon
import Ledger
import Metering
import Quantities

/// A run of known truth: no sensor ever saw it.
struct SyntheticRun {
    var id = "r"
    var name = "run"
    var role = RunRole.measurement
    var levels: [String: String]?
    var block = 0
    var seconds = 10.0
    var joules: Double? = 600
    var basis = Basis.measured
    var coverage = ["test/package-0"]
    var host = "node1"
    var bootID = "boot"
    var state = RunState.finished
    var status: Int32? = 0
    var images: Int? = 3840
    var metrics: [String: Double] = [:]
    var info: [String: String] = [:]
    var samples = 100
    var carbon = CarbonSettings(zone: "DE")
    var warnings: [String] = []
    /// The region that `trainSeconds` and `trainJoules` are of.
    var work = "train"
    var trainSeconds: Double?
    var trainJoules: Double?
    var validations: Int?
    /// Relative standard uncertainty of the sensors' gain, and of one run beside it, in a budget.
    var calibration: Double?
    var random = 0.001

    private var budget: UncertaintyBudget? {
        calibration.flatMap { calibration in
            joules.map { joules in
                UncertaintyBudget([
                    .init(
                        part: .calibration,
                        standardUncertainty: Joules(calibration * joules),
                        distribution: .normal,
                        isShared: true
                    ),
                    .init(part: .sampling, standardUncertainty: Joules(random * joules), distribution: .bound),
                ])
            }
        }
    }

    var record: RunRecord {
        let machine = Host(
            name: host,
            cpu: "Test CPU",
            cores: 2,
            memoryBytes: 1 << 30,
            kernel: "6.1",
            os: "Debian",
            bootID: bootID
        )
        let start = RunStart(
            id: id,
            name: name,
            command: ["true"],
            role: role,
            place: levels.map { ArmPlace(experimentID: "e", levels: $0, block: block, position: block) },
            host: machine,
            startedAt: Int64(block) * 1_000_000,
            start: 0,
            interval: 0.1,
            carbon: carbon,
            writerPID: 1
        )
        guard state != .running else { return RunRecord(start: start, end: nil) }
        let channels = coverage.map { name in
            ChannelEnergy(
                channel: Channel(
                    name: name,
                    device: .cpu,
                    domain: "package",
                    kind: .energyCounter(joulesPerCount: 1e-6, range: nil),
                    basis: basis,
                    inTotal: true,
                    relativeUncertainty: 0.03,
                    uncertaintySource: "test",
                    updatePeriod: Seconds(0.001),
                    source: "test"
                ),
                joules: joules.map { Joules($0 / Double(coverage.count)) },
                uncertainty: nil,
                randomUncertainty: nil,
                meanPower: nil,
                maxPower: nil,
                samples: samples,
                wraps: 0,
                resets: 0,
                gaps: []
            )
        }
        let total = EnergyReading(
            joules: joules.map { Joules($0) },
            uncertainty: joules.map { Joules($0 * 0.06) },
            randomUncertainty: Joules(0),
            basis: basis,
            coverage: coverage,
            budget: budget
        )
        let train = trainSeconds.map {
            RegionEnergy(
                path: work,
                count: 1,
                duration: Seconds($0),
                joules: trainJoules.map { Joules($0) },
                uncertainty: nil,
                counts: (images.map { ["images": $0] } ?? [:])
                    .merging(validations.map { ["validation_images": $0] } ?? [:]) { $1 }
            )
        }
        return RunRecord(
            start: start,
            end: RunEnd(
                state: state,
                exitStatus: status,
                end: Int64(seconds * 1e9),
                marks: Marks(),
                account: EnergyAccount(total: total, channels: channels, regions: train.map { [$0] } ?? []),
                metrics: metrics,
                counts: images.map { ["images": $0] } ?? [:],
                info: info,
                warnings: warnings
            )
        )
    }
}

/// One run a noise factor; `change` gives each its arm's properties.
func side(
    _ prefix: String,
    seconds: Double,
    watts: Double,
    noise: [Double] = [1, 1.01, 0.99, 1.004, 0.996],
    change: (inout SyntheticRun) -> Void = { _ in }
) -> [RunRecord] {
    noise.enumerated().map { index, factor in
        var run = SyntheticRun(id: "\(prefix)\(index)", name: prefix, block: index, seconds: seconds * factor)
        run.joules = seconds * watts * factor * (1 + 0.001 * Double(index % 3))
        change(&run)
        return run.record
    }
}

extension Sequence<String> {
    /// Whether a sentence holds the words.
    func mention(_ words: String) -> Bool { contains { $0.contains(words) } }
}
