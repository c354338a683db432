import Ledger
import Metering
import Quantities
import RealModule
import Statistics

extension Plan {
    /// How many blocks the first stage's runs call for, so that every ratio of time and energy reaches the target.
    ///
    /// Each arm is set beside the baseline within its combination of the other factors, block by block. The level is
    /// that of the narrowest judgement that Holm's procedure can ask for, 5 % over the number of comparisons.
    func wantedBlocks(firstStage runs: [RunRecord]) -> Int {
        guard let until else { return repeats }
        let candidates = arms.filter { $0 != $0.merging(baseline) { _, base in base } }
        let alpha = 0.05 / Double(max(1, candidates.count))
        var wanted = until.firstStage
        for arm in candidates {
            let counterpart = arm.merging(baseline) { _, base in base }
            for figure in [\RunRecord.duration, \RunRecord.joules] {
                let logarithms = (0..<until.firstStage).compactMap { block -> Double? in
                    let find = { (levels: [String: String]) in
                        runs.first { $0.start.place?.block == block && $0.start.place?.levels == levels }
                    }
                    guard let x = find(arm)?[keyPath: figure], let y = find(counterpart)?[keyPath: figure], x > 0, y > 0
                    else { return nil }
                    return Double.log(x / y)
                }
                let halfWidth = Double.log(onePlus: until.relativeHalfWidth)
                let count = steinCount(firstStage: logarithms, halfWidth: halfWidth, alpha: alpha)
                wanted = max(wanted, count ?? until.firstStage)
            }
        }
        return wanted
    }
}

extension RunRecord {
    fileprivate var joules: Double? { end?.account.total.joules?.value }
}
