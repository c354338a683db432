extension Job {
    /// Nodes of the step or, where that is not known, of the job; `nil` where nobody says.
    public var nodes: Int? {
        ["SLURM_STEP_NUM_NODES", "OMPI_MCA_orte_num_nodes", "SLURM_JOB_NUM_NODES"].lazy
            .compactMap { variables[$0].flatMap { Int($0) } }.first
    }

    /// Whether its samplers wake up in step with those of other nodes, by the wall clock.
    public var isAligned: Bool { (nodes ?? 1) > 1 }
}
