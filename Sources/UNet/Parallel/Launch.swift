/// How a launcher of parallel programs started this process, by its environment.
public struct Launch: Sendable, Hashable {
    /// What the processes of the program find each other by.
    public enum Kind: Sendable {
        /// OpenMPI's own launcher, or PMIx under `srun --mpi=pmix`.
        case openMPI
        /// PMI, as MPICH and its relatives use it.
        case other
        /// Nothing: `srun` without an MPI plugin.
        case none
    }

    /// What the processes find each other by.
    public var kind: Kind
    /// Number of this process, from 0, among so many.
    public var rank, size: Int
    /// Processes of the program on this node; 1 where the launcher does not say.
    public var localSize: Int
    /// Whether the launcher gave this process processors of its own.
    public var isBound: Bool

    /// The launch that an environment tells of; nil for a program of one process.
    public init?(environment: [String: String]) {
        func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
        localSize = 1
        if let size = number("OMPI_COMM_WORLD_SIZE") {
            (kind, self.size, rank) = (.openMPI, size, number("OMPI_COMM_WORLD_RANK") ?? 0)
            localSize = number("OMPI_COMM_WORLD_LOCAL_SIZE") ?? 1
            isBound = number("OMPI_MCA_orte_bound_at_launch") == 1
        } else if let rank = number("PMIX_RANK"), let size = number("SLURM_STEP_NUM_TASKS") {
            (kind, self.size, self.rank) = (.openMPI, size, rank)
            isBound = true
        } else if let size = number("PMI_SIZE") {
            (kind, self.size, rank, isBound) = (.other, size, number("PMI_RANK") ?? 0, true)
        } else if let size = number("SLURM_STEP_NUM_TASKS"), let rank = number("SLURM_PROCID") {
            (kind, self.size, self.rank, isBound) = (.none, size, rank, true)
        } else {
            return nil
        }
        guard size > 1 else { return nil }
        // srun binds only where its task plugin does, and says so.
        if environment["OMPI_COMM_WORLD_SIZE"] == nil {
            isBound = environment["SLURM_CPU_BIND_TYPE"].map { !$0.hasPrefix("none") && !$0.isEmpty } ?? false
            localSize = environment["SLURM_STEP_TASKS_PER_NODE"].map(Self.largestOf) ?? 1
        }
    }

    /// The largest count in a list as `2(x3),1`.
    private static func largestOf(_ list: String) -> Int {
        list.split(separator: ",").compactMap { Int($0.prefix { $0.isNumber }) }.max() ?? 1
    }
}
