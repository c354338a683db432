/// The place of a run in a batch system or an MPI program, from the environment.
public struct Job: Sendable, Codable, Hashable {
    /// Who started it: `slurm`, `pbs`, `lsf`, `flux`, or `mpi` alone.
    public var scheduler: String
    /// The job's id; `nil` under a bare `mpirun`.
    public var id: String?
    /// The step within the job.
    public var step: String?
    /// The node's name in the batch system.
    public var node: String?
    /// The rank among all tasks, and among those of this node.
    public var rank: Int?
    public var localRank: Int?
    /// Logical processors of this node that belong to the job, and those that are online.
    public var processors: Int
    public var onlineProcessors: Int
    /// What else the environment said, by the names of the variables.
    public var variables: [String: String]

    /// A job; the arguments are the properties of the same names.
    public init(
        scheduler: String,
        id: String? = nil,
        step: String? = nil,
        node: String? = nil,
        rank: Int? = nil,
        localRank: Int? = nil,
        processors: Int,
        onlineProcessors: Int,
        variables: [String: String] = [:]
    ) {
        self.scheduler = scheduler
        self.id = id
        self.step = step
        self.node = node
        self.rank = rank
        self.localRank = localRank
        self.processors = processors
        self.onlineProcessors = onlineProcessors
        self.variables = variables
    }

    /// Whether all processors of the node are the job's.
    public var isExclusive: Bool { processors >= onlineProcessors }
    /// Whether this process reads the node's sensors: one of a node does, the others would count it again.
    public var samples: Bool { (localRank ?? 0) == 0 }
}

extension Job {
    /// The job that an environment tells of; `nil` outside of one.
    ///
    /// - Parameters:
    ///   - environment: The variables of this process.
    ///   - allowed: Processors that this process may run on.
    ///   - online: Processors of the node.
    public init?(environment: [String: String], allowed: Int, online: Int) {
        let value = { (names: [String]) in names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty } }
        let launcher = Self.launchers.first { environment[$0.rank] != nil && environment[$0.localRank] != nil }
        let rank = value(launcher.map { [$0.rank] } ?? Self.launchers.map(\.rank)).flatMap { Int($0) }
        guard
            let scheduler = Self.schedulers.first(where: { environment[$0.variable] != nil })?.name
                ?? (rank == nil ? nil : "mpi")
        else { return nil }
        // Under mpirun the step is that of its daemons, one for each node, or none.
        let isOfMPI = launcher.map { !$0.rank.hasPrefix("SLURM") } ?? (scheduler == "mpi")
        let program = value(["PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid"]).map { "mpi-" + $0 } ?? "mpi"
        // What the batch system grants, where the kernel lets the process run anywhere.
        let granted = value(["SLURM_CPUS_ON_NODE", "PBS_NUM_PPN"]).flatMap { Int($0) } ?? online
        self.init(
            scheduler: scheduler,
            id: value(Self.schedulers.map(\.variable)),
            step: isOfMPI ? program : environment["SLURM_STEP_ID"],
            node: value(["SLURMD_NODENAME", "PBS_NODENAME"]),
            rank: rank,
            localRank: value(launcher.map { [$0.localRank] } ?? Self.launchers.map(\.localRank)).flatMap { Int($0) },
            processors: max(1, min(granted, allowed < online && scheduler != "slurm" ? allowed : granted)),
            onlineProcessors: online,
            variables: environment.filter { Self.recorded.contains($0.key) }
        )
    }

    private static let schedulers: [(variable: String, name: String)] = [
        ("SLURM_JOB_ID", "slurm"), ("PBS_JOBID", "pbs"), ("LSB_JOBID", "lsf"), ("FLUX_JOB_ID", "flux"),
    ]
    /// The variables of those who start ranks.
    ///
    /// Slurm comes late: what mpirun starts has those of its daemon too, with local rank 0 for all of a node.
    private static let launchers: [(rank: String, localRank: String)] = [
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_RANK"), ("MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_LOCAL_RANK"),
        ("PMI_RANK", "MPI_LOCALRANKID"), ("PALS_RANKID", "PALS_LOCAL_RANKID"), ("SLURM_PROCID", "SLURM_LOCALID"),
        ("FLUX_TASK_RANK", "FLUX_TASK_LOCAL_ID"), ("PMI_RANK", "PMI_LOCAL_RANK"), ("PMIX_RANK", "PMI_LOCAL_RANK"),
    ]
    /// What is kept of the environment: nothing that is secret.
    private static let recorded: Set<String> = [
        "SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID", "SLURM_HET_SIZE", "SLURM_STEP_ID",
        "SLURM_RESTART_COUNT", "SLURM_JOB_START_TIME", "SLURM_JOB_END_TIME", "SLURM_PROCID", "SLURM_LOCALID",
        "SLURM_NODEID", "SLURM_NTASKS", "SLURM_JOB_NUM_NODES", "SLURM_JOB_NODELIST", "SLURMD_NODENAME",
        "SLURM_CPUS_ON_NODE", "SLURM_CPUS_PER_TASK", "SLURM_JOB_CPUS_PER_NODE", "SLURM_CPU_FREQ_REQ",
        "SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU", "SLURM_MEM_PER_GPU", "SLURM_JOB_GPUS", "SLURM_STEP_GPUS",
        "SLURM_GPUS_ON_NODE", "SLURM_JOB_NAME", "SLURM_STEP_NODELIST", "SLURM_STEP_NUM_NODES",
        "SLURM_STEP_NUM_TASKS", "OMPI_MCA_orte_num_nodes", "PMIX_NAMESPACE", "SLURM_JOB_PARTITION", "SLURM_JOB_ACCOUNT",
        "SLURM_CLUSTER_NAME",
        "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ZE_AFFINITY_MASK",
        "GPU_DEVICE_ORDINAL", "NVIDIA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "OMP_NUM_THREADS", "PMI_RANK",
        "PMIX_RANK", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_SIZE", "PBS_JOBID",
        "LSB_JOBID", "FLUX_JOB_ID",
    ]
}
