public import Metering
public import Quantities

/// What a run that was made of a job's parts says of its nodes, ranks and steps.
///
/// Joules are of whole nodes, each node and instant once, unless a property says otherwise.
public struct JobAccount: Sendable, Codable, Hashable {
    /// One node of the job.
    public struct Node: Sendable, Codable, Hashable {
        /// Its name in the batch system, else its host name.
        public var name: String
        /// Seconds in which its sensors were read for the job.
        public var seconds: Double
        public var joules: Joules?
        /// Expanded uncertainty (95 %).
        public var uncertainty: Joules?
        /// How far the node's wall clock is ahead of the job's, seconds, as its steps' starts and ends tell.
        public var clockOffset: Double
        /// How far those starts and ends disagree about that, seconds.
        public var clockSpread: Double
        /// The ranks that ran here.
        public var ranks: [Int]
        /// Whether its meter was killed before the end.
        public var isCut: Bool
        /// The part of the node that the job had, added up over its steps; `nil` where nobody looked.
        public var share: NodeShare?
        /// Joules of the GPUs that the job saw, which are its own on a shared node too.
        public var ownJoules: Joules
        /// The node's power at rest, W; `nil` where it was never measured.
        public var idleWatts: Double?

        /// A node; the arguments are the properties of the same names.
        public init(
            name: String,
            seconds: Double,
            joules: Joules?,
            uncertainty: Joules?,
            clockOffset: Double,
            clockSpread: Double,
            ranks: [Int],
            isCut: Bool,
            share: NodeShare? = nil,
            ownJoules: Joules = Joules(0),
            idleWatts: Double? = nil
        ) {
            self.name = name
            self.seconds = seconds
            self.joules = joules
            self.uncertainty = uncertainty
            self.clockOffset = clockOffset
            self.clockSpread = clockSpread
            self.ranks = ranks
            self.isCut = isCut
            self.share = share
            self.ownJoules = ownJoules
            self.idleWatts = idleWatts
        }
    }

    /// A region of one rank.
    public struct RankRegion: Sendable, Codable, Hashable {
        public var path: String
        public var count: Int
        public var seconds: Double
        /// The rank's part of its node in that time.
        public var joules: Joules?
        public var counts: [String: Int]

        /// A region; the arguments are the properties of the same names.
        public init(path: String, count: Int, seconds: Double, joules: Joules?, counts: [String: Int]) {
            self.path = path
            self.count = count
            self.seconds = seconds
            self.joules = joules
            self.counts = counts
        }
    }

    /// One rank of one step.
    ///
    /// A node's ranks have equal parts of it, so that all parts add up to the nodes' joules.
    public struct Rank: Sendable, Codable, Hashable {
        public var step: String?
        /// `nil` of a program that was not started as a rank.
        public var rank: Int?
        public var node: String
        public var host: String
        public var seconds: Double
        public var exitStatus: Int32?
        public var state: RunState
        /// The rank's part of its node in its time.
        public var joules: Joules?
        public var regions: [RankRegion]

        /// A rank; the arguments are the properties of the same names.
        public init(
            step: String?,
            rank: Int?,
            node: String,
            host: String,
            seconds: Double,
            exitStatus: Int32?,
            state: RunState,
            joules: Joules?,
            regions: [RankRegion]
        ) {
            self.step = step
            self.rank = rank
            self.node = node
            self.host = host
            self.seconds = seconds
            self.exitStatus = exitStatus
            self.state = state
            self.joules = joules
            self.regions = regions
        }
    }

    /// One step: joules of its nodes in its time, which other steps side by side share.
    public struct Step: Sendable, Codable, Hashable {
        public var id: String?
        public var name: String
        public var seconds: Double
        public var joules: Joules?

        /// A step; the arguments are the properties of the same names.
        public init(id: String?, name: String, seconds: Double, joules: Joules?) {
            self.id = id
            self.name = name
            self.seconds = seconds
            self.joules = joules
        }
    }

    /// What the batch system started and no ledger tells of.
    public struct Missing: Sendable, Codable, Hashable {
        /// Nodes without joules.
        public var nodes: [String]
        /// Ranks without a run, as `0:3` for rank 3 of step 0.
        public var ranks: [String]
        /// Nodes whose meter was killed before the end.
        public var cut: [String]
        /// Node-seconds without joules over all node-seconds of the job's steps, 0 to 1.
        public var share: Double
        /// How many nodes and ranks are missing that nobody can name.
        public var unnamed: Int

        /// What is missing; the arguments are the properties of the same names.
        public init(nodes: [String] = [], ranks: [String] = [], cut: [String] = [], share: Double = 0, unnamed: Int = 0)
        {
            self.nodes = nodes
            self.ranks = ranks
            self.cut = cut
            self.share = share
            self.unnamed = unnamed
        }

        /// Whether all is there.
        public var isNothing: Bool { nodes.isEmpty && ranks.isEmpty && cut.isEmpty && unnamed == 0 }
    }

    /// The ids of the runs that it was made of.
    public var parts: [String]
    public var nodes: [Node]
    public var ranks: [Rank]
    public var steps: [Step]
    public var missing: Missing

    /// An account; the arguments are the properties of the same names.
    public init(parts: [String], nodes: [Node], ranks: [Rank], steps: [Step], missing: Missing) {
        self.parts = parts
        self.nodes = nodes
        self.ranks = ranks
        self.steps = steps
        self.missing = missing
    }
}
