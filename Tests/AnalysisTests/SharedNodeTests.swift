import Analysis
import Ledger
import Metering
import Quantities
import Testing

@Suite("Shared nodes")
struct SharedNodeTests {
    private func run(_ share: NodeShare?, joules: Double = 1000, seconds: Double = 10) -> RunRecord {
        var synthetic = SyntheticRun(seconds: seconds)
        synthetic.joules = joules
        var record = synthetic.record
        record.end?.surroundings = Surroundings(othersBusy: 1, share: share)
        return record
    }

    private func share(_ processors: Int, of all: Int = 8, used: Double, busy: Double?) -> NodeShare {
        NodeShare(
            processors: processors,
            onlineProcessors: all,
            usedSeconds: used,
            busySeconds: busy,
            source: .controlGroup
        )
    }

    @Test("a node of one's own, and a run outside of a job, have no part")
    func whole() {
        #expect(attribution(of: run(nil), idle: nil) == nil)
        #expect(attribution(of: run(share(8, used: 10, busy: 20)), idle: nil) == nil)
    }

    @Test("by granted processors, and by time with idle by granted processors")
    func rules() throws {
        let part = try #require(
            attribution(of: run(share(2, used: 6, busy: 20)), idle: IdlePower(watts: 40))
        )
        #expect(part.byAllocation.value == 250)
        // 0.3 (1000 - 400) + 0.25 x 400
        #expect(abs(try #require(part.byProcessorTime).value - 280) < 1e-9)
        #expect(part.usesIdle)
        let bare = try #require(attribution(of: run(share(2, used: 6, busy: 20)), idle: nil))
        #expect(abs(try #require(bare.byProcessorTime).value - 300) < 1e-9)
        #expect(try #require(attribution(of: run(share(2, used: 6, busy: nil)), idle: nil)).byProcessorTime == nil)
    }

    @Test("the parts of all jobs of a node are the node's joules")
    func sum() {
        let idle = IdlePower(watts: 37)
        let jobs = [share(2, used: 6, busy: 20), share(3, used: 1, busy: 20), share(3, used: 13, busy: 20)]
        let parts = jobs.compactMap { attribution(of: run($0), idle: idle) }
        #expect(abs(parts.reduce(0) { $0 + $1.byAllocation.value } - 1000) < 1e-9)
        #expect(abs(parts.reduce(0) { $0 + ($1.byProcessorTime?.value ?? 0) } - 1000) < 1e-9)
    }

    @Test("runs side by side on one boot of a machine are named; one after the other, elsewhere or without joules not")
    func overlaps() {
        func at(_ id: String, _ begin: Double, _ change: (inout SyntheticRun) -> Void = { _ in }) -> RunRecord {
            var synthetic = SyntheticRun(id: id, name: id, seconds: 10)
            change(&synthetic)
            var record = synthetic.record
            let start = Int64(begin * 1e9)
            record.start.start = start
            record.end?.end = start + 10_000_000_000
            return record
        }
        let runs = [
            at("a", 0), at("b", 5), at("c", 20), at("d", 25) { $0.bootID = "other" }, at("e", 26) { $0.joules = nil },
        ]
        #expect(Analysis.overlaps(among: runs).map { [$0.0.start.id, $0.1.start.id] } == [["a", "b"]])
        #expect(overlapWarnings(among: runs).count == 1)
    }

    @Test("a study of shared nodes says whose joules they are, and that runs side by side count once")
    func study() throws {
        var (a, b) = (run(share(2, used: 6, busy: 20)), run(share(2, used: 6, busy: 20)))
        (a.start.id, b.start.id) = ("a", "b")
        let warnings = try Analysis.study(runs: [a, b], title: "t").warnings
        #expect(warnings.mention("25.0 % of the node's processors"))
        #expect(warnings.mention("ran side by side on node1"))
    }
}
