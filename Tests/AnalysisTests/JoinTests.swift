import Analysis
import Ledger
import Metering
import ProbeTestKit
import Quantities
import Testing

@Suite("One run of a job's parts")
struct JoinTests {
    private func isNear(_ a: Double?, _ b: Double, _ tolerance: Double = 1e-6) -> Bool {
        a.map { abs($0 - b) <= tolerance * max(1, abs(b)) } ?? false
    }

    @Test("nodes add up, and so do their regions and counts")
    func sums() throws {
        let run = try #require(try join(nodes(4) { $0.train = 2...6 }))
        // 100 + 120 + 140 + 160 W over 10 s.
        #expect(isNear(run.end?.account.total.joules?.value, 5200))
        #expect(run.end?.job?.nodes.map(\.name) == ["node1", "node2", "node3", "node4"])
        #expect(isNear(run.end?.job?.nodes[2].joules?.value, 1400))
        let train = try #require(run.end?.account.regions.first)
        #expect(train.path == "train" && train.count == 4)
        #expect(isNear(train.joules?.value, 2080) && isNear(train.duration.value, 4))
        #expect(run.end?.counts == ["images": 32] && train.counts == ["images": 32])
        #expect(run.start.host.name == "node[1-4]" && run.start.role == .measurement)
        #expect(isNear(run.duration, 10) && run.state == .finished && run.end?.exitStatus == 0)
        #expect(run.end?.job?.missing == JobAccount.Missing())
    }

    @Test("calibration that like nodes share does not average out; unlike nodes' does, and noise always")
    func calibration() throws {
        func relative(_ count: Int, _ change: (inout SyntheticPart) -> Void) throws -> (shared: Double, random: Double)
        {
            let run = try #require(
                try join(
                    nodes(count) { part in
                        part.watts = 100
                        change(&part)
                    }
                )
            )
            let budget = try #require(run.end?.account.total.budget)
            let joules = Double(count) * 1000
            return (budget.shared.value / joules, budget.random.value / joules)
        }
        let one = try relative(1) { _ in }
        let like = try relative(16) { _ in }
        let unlike = try relative(16) { $0.cpu = $0.node }
        #expect(isNear(one.shared, 0.05) && isNear(like.shared, 0.05))
        #expect(isNear(unlike.shared, 0.05 / 4))
        #expect(like.random < one.random)
    }

    @Test("any order of parts gives the same run, of random jobs")
    func order() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<40 {
            let count = Int.random(in: 1...6, using: &random)
            var parts: [SyntheticPart] = []
            for node in nodes(count) {
                for local in 0..<Int.random(in: 1...3, using: &random) {
                    var part = node
                    part.localRank = local
                    part.rank = parts.count
                    part.seconds = Double.random(in: 4...12, using: &random)
                    part.wall += Double.random(in: 0...0.5, using: &random)
                    part.clock += Double.random(in: 0...0.5, using: &random)
                    part.train = 1...3
                    parts.append(part)
                }
            }
            for place in parts.indices { parts[place].ranks = parts.count }
            let first = try #require(try join(parts))
            #expect(try join(parts.shuffled(using: &random)) == first)
            #expect(try join(parts.shuffled(using: &random) + parts) == first)
            let whole = first.end?.job?.nodes.compactMap(\.joules?.value).reduce(0, +)
            #expect(isNear(first.end?.account.total.joules?.value, whole ?? -1))
            let ranks = first.end?.job?.ranks.compactMap(\.joules?.value).reduce(0, +) ?? -1
            #expect(ranks <= (whole ?? 0) * (1 + 1e-9))
        }
    }

    @Test("ranks of a node have equal parts, which add up to it")
    func ranks() throws {
        let parts = (0..<4).map { rank in
            var part = SyntheticPart(rank: rank, localRank: rank, nodes: "node1", ranks: 4)
            part.train = Double(rank)...Double(rank) + 2
            return part
        }
        let run = try #require(try join(parts))
        let ranks = try #require(run.end?.job?.ranks)
        #expect(ranks.map(\.rank) == [0, 1, 2, 3] && ranks.allSatisfy { $0.node == "node1" && $0.host == "node1" })
        for rank in ranks {
            #expect(isNear(rank.joules?.value, 250))
            #expect(isNear(rank.regions.first?.joules?.value, 50) && isNear(rank.regions.first?.seconds, 2))
        }
        // On the node, the time in which any of them trained: 0 s to 5 s.
        #expect(isNear(run.end?.account.regions.first?.joules?.value, 500))
        #expect(isNear(run.end?.account.regions.first?.duration.value, 5))
    }

    @Test("a node counts once where steps ran side by side, or within a measurement of the whole job")
    func once() throws {
        var whole = SyntheticPart(step: nil, rank: nil, nodes: "node1", seconds: 20)
        whole.id = "whole"
        var first = SyntheticPart(nodes: "node1", ranks: 1, seconds: 8)
        (first.clock, first.wall) = (first.clock + 2, first.wall + 2)
        var second = first
        (second.step, second.seconds, second.clock, second.wall) = ("1", 10, first.clock + 4, first.wall + 4)
        let steps = try #require(try join([first, second]))
        #expect(isNear(steps.end?.account.total.joules?.value, 1400))
        let all = try #require(try join([whole, first, second]))
        #expect(isNear(all.end?.account.total.joules?.value, 2000))
        let ranks = all.end?.job?.ranks.compactMap(\.joules?.value).reduce(0, +)
        // 14 s of the 20 had a step.
        #expect(isNear(ranks, 1400, 1e-3), "\(ranks ?? 0)")
    }

    @Test("clocks minutes apart are found, told and taken out")
    func clocks() throws {
        let parts = nodes(4) { if $0.node == "node3" { $0.wall += 180 } }
        let run = try #require(try join(parts))
        let offsets = run.end?.job?.nodes.map(\.clockOffset) ?? []
        #expect(offsets.count == 4 && isNear(offsets[2], 180, 1e-3) && offsets[0] == 0)
        #expect(isNear(run.duration, 10, 1e-3))
        #expect(run.end?.warnings.mention("The clock of node3 is 180.0 s ahead") == true)
        #expect(run.end?.job?.missing.isNothing == true)
        // Regions of both clocks are the same time.
        let trained = try #require(
            try join(
                nodes(2) { part in
                    part.train = 1...5
                    if part.node == "node2" { part.wall -= 600 }
                }
            )
        )
        #expect(isNear(trained.end?.account.regions.first?.duration.value, 4, 1e-3))
    }

    @Test("who begins late or ends early has no clock that is off")
    func late() {
        let offsets = clockOffsets([
            StepTimes(start: 0, end: 100), StepTimes(start: 0, end: 100), StepTimes(start: 5, end: 100),
            StepTimes(start: 0, end: 60), StepTimes(start: 120, end: nil),
        ])
        #expect(offsets.map(\.seconds) == [0, 0, 0, 0, 120])
        #expect(offsets[3].spread == 40)
        #expect(clockOffsets([StepTimes(start: 9, end: 10)]).map(\.seconds) == [0])
    }

    @Test("a missing node and its ranks are named with their share of the node-seconds")
    func missing() throws {
        let run = try #require(try join(nodes(4).filter { $0.node != "node2" }))
        let missing = try #require(run.end?.job?.missing)
        #expect(missing.nodes == ["node2"] && missing.ranks == ["0:1"] && isNear(missing.share, 0.25))
        #expect(run.end?.warnings.mention("no measurement of node2") == true)
        #expect(run.end?.warnings.mention("25.0 %") == true)
        #expect(isNear(run.end?.account.total.joules?.value, 4000))
    }

    @Test("a node that was cut off counts until then, and the rest of it is missing")
    func cut() throws {
        let run = try #require(
            try join(
                nodes(4) { part in
                    guard part.node == "node4" else { return }
                    (part.seconds, part.state, part.exit) = (6, .interrupted, nil)
                }
            )
        )
        let missing = try #require(run.end?.job?.missing)
        #expect(missing.cut == ["node4"] && missing.nodes.isEmpty && isNear(missing.share, 0.1))
        #expect(run.state == .interrupted)
        #expect(isNear(run.end?.account.total.joules?.value, 1000 + 1200 + 1400 + 960))
    }

    @Test("a rank that left nothing is named; what was rescued of a run counts in its place, once")
    func rescued() throws {
        var lost = nodes(2)
        lost[1].ranks = 3
        lost[0].ranks = 3
        #expect(try join(lost)?.end?.job?.missing.ranks == ["0:2"])
        var parts = nodes(2)
        var short = parts[1]
        (short.state, short.seconds) = (.interrupted, 4)
        var whole = parts[1]
        (whole.id, whole.tags) = ("rescue", ["rescued": short.name])
        parts = [parts[0], short, whole]
        let run = try #require(try join(parts))
        #expect(isNear(run.end?.account.total.joules?.value, 2200))
        #expect(run.end?.job?.parts == ["node1-0-0", "rescue"] && run.state == .finished)
    }

    @Test("without parts, and of a part that has not ended, there is no run")
    func empty() throws {
        #expect(try join([]) == nil)
        var open = SyntheticPart().record
        open.end = nil
        #expect(try joinJob([open], traces: { _ in [] }) == nil)
    }

    @Test("shared nodes are divided into parts that add up to them, idle apart, whatever the numbers")
    func division() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<200 {
            let joules = Double.random(in: 0...5000, using: &random)
            let own = Bool.random(using: &random) ? Double.random(in: 0...joules, using: &random) : 0
            let parts = NodeDivision(
                joules: joules,
                own: own,
                seconds: Double.random(in: 0...100, using: &random),
                idleWatts: Bool.random(using: &random) ? Double.random(in: 0...80, using: &random) : nil,
                granted: Double.random(in: 0...1, using: &random),
                used: Double.random(in: 0...1, using: &random)
            )
            let all = [parts.job, parts.others, parts.idleOfJob, parts.idleOfRest].compactMap(\.self)
            #expect(abs(all.reduce(0, +) - joules) < 1e-9 * max(1, joules))
            #expect(all.allSatisfy { $0 >= 0 })
        }
        let share = NodeShare(
            processors: 2,
            onlineProcessors: 8,
            usedSeconds: 6,
            busySeconds: 20,
            source: .controlGroup
        )
        let run = try #require(try join(nodes(2) { ($0.watts, $0.share) = (100, share) }, idle: 40))
        let part = try #require(attribution(of: run, idle: nil))
        // Of each node's 1000 J: 0.3 (1000 - 400) + 0.25 x 400.
        #expect(isNear(part.byProcessorTime?.value, 560) && isNear(part.byAllocation.value, 500) && part.usesIdle)
    }
}
