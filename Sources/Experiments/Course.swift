public import Ledger

/// How far an experiment has come.
public struct Progress: Sendable, Hashable {
    /// Runs that have ended, those of them that failed, and all that there will be as far as is known.
    public var done: Int
    public var failed: Int
    public var total: Int
    /// What is left; `nil` while nothing is known of any arm.
    public var left: Expectation?
}

/// What a person who waits is told.
public enum ExperimentEvent: Sendable {
    /// An experiment starts, or goes on.
    case begins(ExperimentRecord, Progress)
    /// A run starts: its arm, its role.
    case runBegins(label: String, role: RunRole, Progress)
    /// A run has ended.
    case runEnds(RunRecord, Progress)
    /// A run failed, or its job did, and the others go on.
    case runFails(label: String, reason: String, Progress)
    /// Jobs wait and run.
    case jobs(waiting: Int, running: Int, Progress)
    /// The first stage says how many blocks are wanted, of which `blocks` will be run.
    case firstStageEnds(blocks: Int, wanted: Int, Progress)
}

/// The steps of an experiment and what became of them.
struct Course {
    private let plan: Plan
    let steps: [Step]
    private(set) var done: [Int: RunRecord] = [:]
    /// Positions of runs that failed and are let be.
    private(set) var failed: Set<Int> = []
    /// The blocks that will be run: all, or those of the first stage until it has told.
    private(set) var blocks: Int

    /// Takes up an experiment with the runs that the ledger has of it.
    ///
    /// - Parameter keepsFailures: Lets those that failed be; else they are run again, as those that were cut are anyway.
    init(plan: Plan, seed: UInt64, runs: [RunRecord], keepsFailures: Bool = false) {
        self.plan = plan
        steps = plan.steps(seed: seed)
        blocks = plan.until?.firstStage ?? plan.repeats
        for run in runs where run.state == .finished {
            guard let place = run.start.place else { continue }
            if run.end?.exitStatus == 0, run.start.tags[RunRecord.failureTag] == nil {
                done[place.position] = run
                failed.remove(place.position)
            } else if keepsFailures, done[place.position] == nil {
                failed.insert(place.position)
            }
        }
    }

    /// The positions that are still to be run, as far as is known.
    var open: [Int] { steps.indices.filter { steps[$0].block < blocks && done[$0] == nil && !failed.contains($0) } }

    var progress: Progress {
        let open = open
        let left = Expectation(
            steps: open.map { steps[$0] },
            done: done.values,
            cooldown: plan.cooldown,
            idle: plan.idle
        )
        let ended = done.count + failed.count
        return Progress(done: ended, failed: failed.count, total: ended + open.count, left: left)
    }

    mutating func finish(_ position: Int, _ run: RunRecord) { done[position] = run }

    /// Lets a run be that failed.
    mutating func fail(_ position: Int) { failed.insert(position) }

    /// Lets the first stage choose the number of blocks once it is complete; `nil` where there is nothing to choose.
    mutating func chooseBlocks() -> (blocks: Int, wanted: Int)? {
        guard let until = plan.until, blocks == until.firstStage,
            !open.contains(where: { steps[$0].role == .measurement })
        else { return nil }
        let wanted = plan.wantedBlocks(firstStage: Array(done.values))
        blocks = min(plan.repeats, wanted)
        return (blocks, wanted)
    }
}
