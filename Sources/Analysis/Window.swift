internal import Ledger
internal import Metering
internal import Quantities
internal import Statistics

/// The part of a run that the questions are about: region `train` where every run marks it, else the whole run.
///
/// The start of a program, which may take seconds, is no part of what a precision or a framework's arithmetic costs.
struct Window {
    /// `nil`: the whole run.
    var region: String?

    init(of runs: [RunRecord]) {
        let isMarked = runs.allSatisfy { run in
            guard let region = run.region("train"), region.duration.value > 0 else { return false }
            return run.joules == nil || region.joules != nil
        }
        region = isMarked && !runs.isEmpty ? "train" : nil
    }

    func seconds(_ run: RunRecord) -> Double? {
        region.map { run.region($0)?.duration.value } ?? run.duration
    }

    func joules(_ run: RunRecord) -> Double? {
        region.map { run.region($0)?.joules?.value } ?? run.joules
    }
}

extension RunRecord {
    fileprivate func region(_ path: String) -> RegionEnergy? { end?.account.regions.first { $0.path == path } }
}

extension Contrast {
    /// Baseline time over candidate time; `nil` of unequal work or machines.
    func speedup(in window: Window) -> RatioInference? {
        guard obstaclesToTimes(of: runs).isEmpty else { return nil }
        let (candidate, baseline) = values(window.seconds)
        return ratio(baseline, candidate)
    }

    /// Candidate joules over baseline joules; `nil` where they must not be set against each other.
    func energyRatio(in window: Window) -> RatioInference? {
        obstacles(to: runs).isEmpty ? ratio(window.joules) : nil
    }
}
