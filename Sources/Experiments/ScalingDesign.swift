public import Ledger

/// How a plan spreads its program over more and more units, and what the units have to do.
public struct ScalingDesign: Sendable, Hashable {
    /// How Slurm is asked for the nodes of a run.
    public struct Batch: Sendable, Hashable {
        public var partition: String?
        public var account: String?
        /// As `--time` takes it.
        public var time: String?
        /// Further options of sbatch, as `--constraint=icelake`.
        public var options: [String] = []
        /// Further options of srun, as `--mpi=pmix`.
        public var srun: [String] = []
        /// Lines of shell before the program starts, as `module load openmpi`.
        public var setup: [String] = []
        /// Whether a job has its nodes for itself; a sensor sees the whole node.
        public var isExclusive = true
        /// Jobs that may wait or run at one time.
        public var atOnce = 20
    }

    /// What the ledger keeps of it.
    public var record: ExperimentRecord.Scaling
    /// Numbers of units, ascending.
    public var units: [Int]
    /// By place: the work of one unit, where it grows with the units in weak scaling.
    public var grows: [String: Int]
    /// Over nodes, and where ranks spread over them; `nil`: all ranks on one node, one rank a node over nodes.
    public var ranksPerNode: Int?
    public var threadsPerRank: Int
    public var batch: Batch

    /// The names of the places that it fills.
    var places: Set<String> { Set(grows.keys).union(ExperimentRecord.Scaling.Unit.allCases.map(\.rawValue)) }

    /// What an arm is spread over.
    func layout(of levels: [String: String]) -> (nodes: Int, ranks: Int, threads: Int) {
        let units = record.units(of: levels) ?? 1
        switch record.over {
        case .threads: return (1, 1, units)
        case .ranks: return (ranksPerNode.map { (units + $0 - 1) / $0 } ?? 1, units, threadsPerRank)
        case .nodes: return (units, units * (ranksPerNode ?? 1), threadsPerRank)
        }
    }

    /// The values of its places in an arm.
    ///
    /// In weak arms the work grows with the units; in strong ones it is what the parameter of that name says, else that
    /// of the smallest number of units.
    func values(in levels: [String: String], parameters: [String: String]) -> [String: String] {
        let (nodes, ranks, threads) = layout(of: levels)
        var values = ["nodes": "\(nodes)", "ranks": "\(ranks)", "threads": "\(threads)"]
        for (place, share) in grows {
            switch record.mode(of: levels) {
            case .weak: values[place] = "\(share * (record.units(of: levels) ?? 1))"
            case .strong: values[place] = parameters[place] ?? "\(share * (units.first ?? 1))"
            }
        }
        return values
    }

    /// What weakens the design by its author's choice, a sentence each.
    var warnings: [String] {
        var warnings: [String] = []
        if units.count < 3 {
            warnings.append(
                "There are \(units.count) numbers of \(record.over.rawValue): no law of scaling is fitted to fewer than 3."
            )
        }
        if record.launch == .sbatch, !batch.isExclusive {
            warnings.append("Jobs share their nodes, and a node's sensors see what others do there.")
        }
        return warnings
    }
}
