extension Job {
    /// Whether this process is one rank of a program that srun or mpirun started.
    ///
    /// A batch script has a rank too, but no step.
    public var isRank: Bool { rank != nil && step != nil }

    /// Whether mpirun started it, and not the batch system.
    public var isOfMPI: Bool { step?.hasPrefix("mpi") ?? false }

    /// How often the batch system started the job before this time: after a preemption, a failed node or a requeue.
    public var restarts: Int { variables["SLURM_RESTART_COUNT"].flatMap { Int($0) } ?? 0 }

    /// One word for the attempt that this process belongs to, the same on all its nodes: `77`, after a restart `77r1`.
    ///
    /// Under a bare mpirun it is the program's. Array tasks have ids of their own, and the components of a
    /// heterogeneous job that are started together have that of the first.
    public var attempt: String { (id ?? step ?? "job") + (restarts > 0 ? "r\(restarts)" : "") }

    /// The name of the folder that holds the ledgers of all attempts, and of all tasks of an array.
    public var folder: String { "wattbook-" + (variables["SLURM_ARRAY_JOB_ID"] ?? id ?? step ?? "job") }

    /// How many ranks were started together; `nil` where nobody says.
    public var ranks: Int? {
        guard isRank else { return nil }
        let names = isOfMPI ? ["OMPI_COMM_WORLD_SIZE"] : ["SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"]
        return names.lazy.compactMap { variables[$0].flatMap { Int($0) } }.first
    }

    /// The nodes that they were started on, or of the whole job where this is no rank; `nil` where nobody says.
    public var nodes: [String]? {
        let all = variables["SLURM_JOB_NODELIST"].flatMap(NodeList.expanded)
        guard isRank else { return all }
        guard isOfMPI else { return variables["SLURM_STEP_NODELIST"].flatMap(NodeList.expanded) ?? all }
        // mpirun may use fewer nodes than the job has, and does not say which.
        let used = variables["OMPI_MCA_orte_num_nodes"].flatMap { Int($0) }
        return all?.count == used ? all : nil
    }
}
