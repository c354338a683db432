public import Carbon
public import Ledger
public import Metering

/// What a person who waits is told.
public enum ExperimentEvent: Sendable {
    /// An experiment starts, or goes on after `done` of `total` runs.
    case begins(done: Int, total: Int)
    /// A run starts: its arm, its role, its place in the order.
    case runBegins(label: String, role: RunRole, position: Int, total: Int)
    /// A run has ended.
    case runEnds(RunRecord, position: Int, total: Int)
}

/// Carries out a plan, one run after the other, and goes on where an earlier call stopped.
public struct Runner {
    private let plan: Plan
    private let measurement: Measurement
    private let ledger: LedgerFile
    private let carbon: CarbonSettings

    /// A runner of one plan.
    public init(plan: Plan, measurement: Measurement, ledger: LedgerFile, carbon: CarbonSettings) {
        self.plan = plan
        self.measurement = measurement
        self.ledger = ledger
        self.carbon = carbon
    }
}
