import Ledger
import Metering
import Quantities

extension Synthetic {
    /// A job of two shared nodes, of which one was cut off.
    static var jobRun: RunRecord {
        var run = Self.run("fp32", block: 0)
        run.start.place = nil
        let share = NodeShare(
            processors: 1,
            onlineProcessors: 4,
            usedSeconds: 3,
            busySeconds: 9,
            source: .controlGroup
        )
        let node = { (name: String, isCut: Bool) in
            JobAccount.Node(
                name: name,
                seconds: 10,
                joules: Joules(500),
                uncertainty: Joules(30),
                clockOffset: 0.1,
                clockSpread: 0.02,
                ranks: [0],
                isCut: isCut,
                share: share,
                idleWatts: 20
            )
        }
        let rank = JobAccount.Rank(
            step: "0",
            rank: 0,
            node: "n1",
            host: "n1",
            seconds: 10,
            exitStatus: nil,
            state: .interrupted,
            joules: Joules(500),
            regions: [
                JobAccount.RankRegion(path: "train", count: 1, seconds: 9, joules: nil, counts: ["images": 8])
            ]
        )
        run.end?.job = JobAccount(
            parts: ["a", "b"],
            nodes: [node("n1", false), node("n2", true)],
            ranks: [rank],
            steps: [JobAccount.Step(id: "0", name: "train", seconds: 10, joules: Joules(1000))],
            missing: JobAccount.Missing(ranks: ["0:1"], cut: ["n2"], share: 0.1)
        )
        return run
    }
}
