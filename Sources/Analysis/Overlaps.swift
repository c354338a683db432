public import Ledger
internal import Metering

/// Pairs of runs whose joules are of one machine at one time: added, they would count it twice.
///
/// Boot id and interval decide; of hosts without a boot id, name and wall clock. Runs without joules, as of ranks
/// that only mark, overlap nothing; nor do the parts of jobs, whose run counts each instant of a node once.
public func overlaps(among runs: [RunRecord]) -> [(RunRecord, RunRecord)] {
    var pairs: [(RunRecord, RunRecord)] = []
    let machines = Dictionary(grouping: runs.filter { $0.joules != nil && $0.start.role != .part }) { run in
        run.start.host.bootID.isEmpty ? "name " + run.start.host.name : run.start.host.bootID
    }
    for group in machines.values {
        // The one of each node that reaches farthest so far is the one that a later start may fall into.
        var reaching: [String?: RunRecord] = [:]
        for run in group.sorted(by: { $0.begin < $1.begin }) {
            let node = run.start.job?.node
            // Where the batch system names two nodes, they are two, whatever they tell of their boot.
            for (other, before) in reaching
            where (node == nil || other == nil || node == other) && run.begin < before.finish {
                pairs.append((before, run))
            }
            if run.finish > reaching[node]?.finish ?? .min { reaching[node] = run }
        }
    }
    return pairs.sorted { $0.0.start.startedAt < $1.0.start.startedAt }
}

/// A sentence for each pair of runs that would count one machine twice.
public func overlapWarnings(among runs: [RunRecord]) -> [String] {
    overlaps(among: runs).map { a, b in
        "\(a.start.name) (\(a.start.id)) and \(b.start.name) (\(b.start.id)) ran side by side on \(a.start.host.name): "
            + "each has the whole machine's joules, which count once."
    }
}

extension RunRecord {
    /// Microseconds of one clock for all runs of a boot; of the wall clock where no boot is known.
    fileprivate var begin: Int64 { start.host.bootID.isEmpty ? start.startedAt : start.start / 1000 }
    fileprivate var finish: Int64 { begin + Int64((duration ?? 0) * 1e6) }
}
