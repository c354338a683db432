/// A request for compute time as its author wrote it.
public struct Request: Sendable, Hashable {
    /// What one job of a line is, as one of its runs was measured.
    public struct Line: Sendable, Hashable {
        public var name: String
        /// Runs: an id, `last`, `EXPERIMENT:factor=level`, or `tag:key=value`.
        public var evidence: Reference
        public var configurations: Int
        public var experiments: Int
        public var repeats: Int
        /// Nodes of a job; `nil`: as measured.
        public var nodes: Int?
        /// One job is so many times the work of the measured run.
        public var work: Double
        /// A size that was not measured, on a line through those that were.
        public var extrapolation: Extrapolation?
        /// What a job takes on the nodes that are asked for, over what it took where it was measured.
        public var timeFactor: Factor?
        public var energyFactor: Factor?
        /// The same work by the means that this line replaces, as in fp32.
        public var insteadOf: Reference?
        /// Bytes a node.
        public var memory: Double?
        /// Bytes that a job leaves.
        public var output: Double?

        public var jobs: Int { configurations * experiments * repeats }
    }

    /// Names runs of the ledger, with the line that says so.
    public struct Reference: Sendable, Hashable {
        public var text: String
        public var line: Int
    }

    /// A level of a factor to which a line through the measured levels is drawn.
    public struct Extrapolation: Sendable, Hashable {
        public var factor: String
        public var to: Double
        public var line: Int
    }

    /// A factor that somebody gives, with its bounds and the reason.
    public struct Factor: Sendable, Hashable {
        public var value: Double
        public var low: Double
        public var high: Double
        public var reason: String
    }

    /// The nodes that are asked for.
    public struct Nodes: Sendable, Hashable {
        public var name: String
        public var cores: Int?
        public var gpus: Int?
        public var line: Int
    }

    /// A share of runs that fail: said, or counted in the ledger.
    public enum FailedShare: Sendable, Hashable {
        case stated(Double)
        case counted(Reference)
    }

    /// Data that must be kept.
    public struct Storage: Sendable, Hashable {
        public var name: String
        /// Bytes.
        public var amount: Double
        public var files: Int?
        public var place: String?
    }

    /// A stretch of the project with its share of the whole.
    public struct Stretch: Sendable, Hashable {
        public var name: String
        public var share: Double
    }

    /// Runs of one program at several sizes.
    public struct Scaling: Sendable, Hashable {
        public enum Kind: String, Sendable, Hashable, CaseIterable {
            /// The same work on more.
            case strong
            /// More work on more.
            case weak
        }

        public var name: String
        public var kind: Kind
        /// What is counted, as `images`; `nil`: the whole run.
        public var unit: String?
        /// What is added: nodes, GPUs, threads.
        public var over: String
        /// Sizes with their runs, the smallest first; of an experiment they follow from its plan.
        public var points: [Point]
        /// A scaling experiment, in place of ``points``.
        public var experiment: Reference?
        public var line: Int
    }

    public struct Point: Sendable, Hashable {
        public var size: Int
        public var runs: Reference
    }

    public var path: String
    public var title: String
    public var template: String?
    /// A name or path of a site's profile.
    public var site: String?
    public var nodes: Nodes?
    public var applicant: String?
    public var period: String?
    public var lines: [Line]
    public var failedShare: FailedShare
    /// Of all that precedes it, failed runs included.
    public var contingency: Double
    public var scaling: [Scaling]
    public var storage: [Storage]
    /// Quarters or months with their shares of the whole.
    public var schedule: [Stretch]
    /// What only the author can say, by the names that templates ask for.
    public var texts: [String: String]

    /// A request without content.
    init(emptyAt path: String) {
        self.path = path
        title = ""
        lines = []
        failedShare = .stated(0)
        contingency = 0
        scaling = []
        storage = []
        schedule = []
        texts = [:]
    }
}
