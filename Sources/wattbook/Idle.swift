import Analysis
import Ledger
import Metering

extension LedgerFile {
    /// Runs with the idle measurement that belongs to them, where they have none of their own.
    func withIdle(_ runs: [RunRecord]) throws -> [RunRecord] {
        runs + idleBaseline(for: runs, among: try idleRuns())
    }

    /// The idle power of a run's machine: of its experiment, else of the machine's last idle measurement.
    ///
    /// Of a job the sum over its nodes, of each of which it must be known.
    func idlePower(for run: RunRecord) throws -> IdlePower? {
        if let job = run.end?.job {
            let idle = try idleRuns()
            guard !idle.isEmpty else { return nil }
            let nodes = Dictionary(grouping: try parts(of: job)) { $0.start.job?.node ?? $0.start.host.name }
            return Analysis.idlePower(ofJob: run) { name in
                let own = nodes[name] ?? []
                return Analysis.idlePower(of: idleBaseline(for: own, among: idle))
            }
        }
        let own = try run.start.place.map { try runs(ofExperiment: $0.experimentID) } ?? [run]
        return Analysis.idlePower(of: try withIdle(own))
    }
}
