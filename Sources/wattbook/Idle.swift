import Analysis
import Ledger
import Metering

extension LedgerFile {
    /// Runs with the idle measurement that belongs to them, where they have none of their own.
    func withIdle(_ runs: [RunRecord]) throws -> [RunRecord] {
        runs + idleBaseline(for: runs, among: try idleRuns())
    }

    /// The idle power of a run's machine: of its experiment, else of the machine's last idle measurement.
    func idlePower(for run: RunRecord) throws -> IdlePower? {
        let own = try run.start.place.map { try runs(ofExperiment: $0.experimentID) } ?? [run]
        return Analysis.idlePower(of: try withIdle(own))
    }
}
