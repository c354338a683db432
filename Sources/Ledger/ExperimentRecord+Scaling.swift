extension ExperimentRecord {
    /// How an experiment scales a program: over what, and with what work.
    public struct Scaling: Sendable, Codable, Hashable {
        /// What a program is spread over.
        public enum Unit: String, Sendable, Codable, Hashable, CaseIterable {
            case threads, ranks, nodes

            /// One of them, as `node`.
            public var singular: String { String(rawValue.dropLast()) }
        }

        /// What stays the same as units are added.
        public enum Mode: String, Sendable, Codable, Hashable, CaseIterable {
            /// The work as a whole.
            case strong
            /// The work of a unit.
            case weak
        }

        /// Who starts the runs.
        public enum Launch: String, Sendable, Codable, Hashable, CaseIterable {
            /// This machine, one run after the other.
            case local
            /// Slurm, a job a run.
            case sbatch
        }

        /// The factor that tells strong from weak arms where there are both.
        public static let modeFactor = "scaling"

        public var over: Unit
        /// One, or both; with both the factor ``modeFactor`` tells which an arm is.
        public var modes: [Mode]
        public var launch: Launch

        /// A way of scaling; the arguments are the properties of the same names.
        public init(over: Unit, modes: [Mode], launch: Launch) {
            self.over = over
            self.modes = modes
            self.launch = launch
        }

        /// The mode of an arm.
        public func mode(of levels: [String: String]) -> Mode {
            levels[Self.modeFactor].flatMap { Mode(rawValue: $0) } ?? modes.first ?? .strong
        }

        /// The number of units of an arm.
        public func units(of levels: [String: String]) -> Int? { levels[over.rawValue].flatMap { Int($0) } }
    }
}
