public import Carbon
public import Ledger
internal import Metering
internal import Quantities

extension PastJob {
    /// The job as the ledger keeps it: Slurm's own counter, and no samples.
    ///
    /// The id follows from cluster, job and start, so that a job is entered once.
    public func run(carbon: CarbonSettings) -> RunRecord {
        let perNode = { (count: Int) in count / max(1, nodes) }
        let start = RunStart(
            id: importedID(at: startedAt, key: "slurm|\(cluster ?? "")|\(id)|\(startText)"),
            name: name,
            command: [],
            tags: ["job": id, "state": state].merging(
                ["account": account, "partition": partition].compactMapValues(\.self),
                uniquingKeysWith: { own, _ in own }
            ),
            role: .imported,
            host: Host(
                name: nodeList ?? "\(cluster ?? "slurm") job \(id)",
                cpu: "",
                cores: perNode(processors),
                memoryBytes: 0,
                kernel: "",
                os: "",
                bootID: ""
            ),
            job: Job(
                scheduler: "slurm",
                id: id,
                processors: perNode(processors),
                onlineProcessors: perNode(processors),
                variables: [
                    "SLURM_JOB_NUM_NODES": "\(nodes)", "SLURM_GPUS_ON_NODE": "\(perNode(gpus))",
                    "SLURM_JOB_ACCOUNT": account, "SLURM_JOB_PARTITION": partition, "SLURM_CLUSTER_NAME": cluster,
                    "SLURM_JOB_NODELIST": nodeList,
                ].compactMapValues(\.self)
            ),
            startedAt: startedAt,
            start: 0,
            interval: 0,
            carbon: carbon,
            writerPID: 0
        )
        let end = RunEnd(
            state: .finished,
            exitStatus: exitStatus,
            end: Int64((elapsed.value * 1e9).rounded()),
            marks: Marks(),
            account: energyAccount,
            info: ["state": state],
            warnings: energy == nil ? remarks : [Self.caution] + remarks
        )
        return RunRecord(start: start, end: end)
    }

    private static let caution =
        "The energy is Slurm's own figure out of its accounting: it is the job's only where the nodes were its own."

    private var energyAccount: EnergyAccount {
        let channel = Channel(
            name: "slurm/job",
            device: .node,
            domain: "node",
            kind: .energyCounter(joulesPerCount: 1, range: nil),
            basis: .measured,
            inTotal: true,
            relativeUncertainty: relativeUncertainty,
            uncertaintySource: "type B, assumed for the energy that Slurm accounts: 10 %",
            updatePeriod: Seconds(30),
            source: "sacct, job \(id)",
            note: "Slurm's own counter, imported; no samples"
        )
        let uncertainty = energy.map { $0 * (2 * relativeUncertainty) }
        let total = EnergyReading(
            joules: energy,
            uncertainty: uncertainty,
            randomUncertainty: energy.map { _ in .zero },
            basis: .measured,
            coverage: energy == nil ? [] : [channel.name]
        )
        guard let energy else { return EnergyAccount(total: total, channels: [], regions: []) }
        let reading = ChannelEnergy(
            channel: channel,
            joules: energy,
            uncertainty: uncertainty,
            randomUncertainty: .zero,
            meanPower: energy / elapsed,
            maxPower: nil,
            samples: 0,
            wraps: 0,
            resets: 0,
            gaps: []
        )
        return EnergyAccount(total: total, channels: [reading], regions: [])
    }

    private var relativeUncertainty: Double { 0.1 }
}
