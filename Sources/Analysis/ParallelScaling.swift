public import Ledger
public import Metering
public import Statistics

/// How a program scales over threads, ranks or nodes: the table, the law that its times follow, and where it takes
/// the least energy.
public struct ParallelScaling: Sendable, Codable, Hashable {
    /// One number of units; the intervals are 95 %, each for itself.
    public struct Point: Sendable, Codable, Hashable {
        public var units: Int
        public var runIDs: [String]
        /// Seconds to solution.
        public var duration: Estimate
        /// Speed over that of the reference; in weak scaling that of the work, which grew.
        public var speedup: Estimate
        /// Speed-up over the growth of units; in weak scaling the reference's time over this one's.
        public var efficiency: Estimate
        /// Joules to solution.
        public var energy: Estimate?
        /// The relative expanded uncertainty of a run's joules, which repeats share; 0 where unknown.
        public var calibration: Double
        public var joulesPerImage: Estimate?
        public var meanPower: Estimate?
    }

    /// A number of units without a run that counts.
    public struct Missing: Sendable, Codable, Hashable {
        public var units: Int
        /// A sentence.
        public var reason: String
    }

    /// A law through the times of all runs.
    public struct Fit: Sendable, Codable, Hashable {
        /// A point of the law's line.
        public struct Place: Sendable, Codable, Hashable {
            public var units: Double
            /// Seconds.
            public var duration: Double
        }

        public var law: ScalingLaw
        /// Of one unit; σ of the universal law.
        public var serialFraction: Estimate
        /// κ of the universal law.
        public var coherency: Estimate?
        /// The number of units of the largest throughput, by the universal law.
        public var peakUnits: Estimate?
        /// Of "the points lie on this law"; `nil` where the runs tell nothing.
        public var lackOfFitP: Double?
        /// Akaike's criterion, corrected for few values; less is better.
        public var criterion: Double?
        /// Whether it is the law that the data carry.
        public var isCarried: Bool
        /// Between the fewest and the most units that were run.
        public var line: [Place]
    }

    /// The number of units of the least energy, of those that were run.
    public struct LeastEnergy: Sendable, Codable, Hashable {
        /// Another number of units, and its energy over the least.
        public struct Other: Sendable, Codable, Hashable {
            public var units: Int
            /// Adjusted for the number of others (Holm).
            public var ratio: Estimate
        }

        public var units: Int
        /// Joules to solution; in weak scaling of an image, else of a unit's work.
        public var cost: Estimate
        public var others: [Other]

        /// The numbers of units that are not shown to take more, the least itself among them.
        public var candidates: [Int] {
            (others.filter { !($0.ratio.low.map { $0 > 1 } ?? false) }.map(\.units) + [units]).sorted()
        }
        /// The others next to it.
        public var neighbours: [Other] {
            [others.last { $0.units < units }, others.first { $0.units > units }].compactMap(\.self)
        }
        /// Whether all neighbours are shown to take more.
        public var isShown: Bool {
            !neighbours.isEmpty && neighbours.allSatisfy { $0.ratio.low.map { $0 > 1 } ?? false }
        }
        /// Whether it lies at the end of what was run, so that the true least may lie beyond.
        public var isAtEdge: Bool { neighbours.count < 2 }
    }

    /// What the joules of weak scaling are divided by.
    public enum Share: String, Sendable, Codable, Hashable {
        case solution, image, unit
    }

    public var mode: ExperimentRecord.Scaling.Mode
    public var over: ExperimentRecord.Scaling.Unit
    /// The levels of the other factors.
    public var setting: [String: String]
    /// Ascending; the first is the reference.
    public var points: [Point]
    public var missing: [Missing]
    /// The laws that the points suffice for.
    public var fits: [Fit]
    public var leastEnergy: LeastEnergy?
    /// What ``LeastEnergy/cost`` is the energy of.
    public var costShare: Share
    /// What stands behind the joules; `nil` where there are none.
    public var basis: Basis?
    /// What follows, a sentence each, the most important first.
    public var findings: [String]
    /// What weakens it.
    public var warnings: [String]

    /// The law that the data carry; `nil` where there are not enough points for any.
    public var carriedFit: Fit? { fits.first(where: \.isCarried) }
}
