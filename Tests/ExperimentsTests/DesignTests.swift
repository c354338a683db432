import Foundation
import Ledger
import Testing

@testable import Experiments

@Suite("Designs")
struct DesignTests {
    private func plan(_ extra: String = "") throws -> Plan {
        try Plan(
            text: """
                name: x
                workload: {command: [echo, "{p}", "{f}", "{seed}", "{fixed}"]}
                parameters: {fixed: here}
                factors: {p: [a, b], f: [1, 2, 3]}
                baseline: {p: a}
                repeats: 40
                \(extra)
                """,
            path: "plan.yaml",
            searchPath: "/usr/bin:/bin"
        )
    }

    @Test("hold each arm once a block, after the warm-ups and between two idle measurements")
    func structure() throws {
        let plan = try plan("warmup: 2\nidle: 5s")
        let steps = plan.steps(seed: 7)
        #expect(plan.arms.count == 6)
        #expect(steps.count == 2 + 2 * 6 + 40 * 6)
        #expect(steps.first?.role == .idle)
        #expect(steps.last?.role == .idle)
        #expect(steps[1...12].allSatisfy { $0.role == .warmup })
        let runs = steps.filter { $0.role == .measurement }
        for block in 0..<40 {
            let arms = runs.filter { $0.block == block }
            #expect(Set(arms.map(\.levels)) == Set(plan.arms))
            #expect(arms.count == 6)
            #expect(Set(arms.map(\.seed)).count == 1, "one seed a block, the same for all arms")
        }
        #expect(Set(runs.map(\.seed)).count == 40)
        #expect(runs.map(\.block) == runs.map(\.block).sorted(), "block by block")
        #expect(runs.allSatisfy { $0.seed < 1 << 31 })
    }

    @Test("follow from their seed alone")
    func seeded() throws {
        let plan = try plan()
        #expect(plan.steps(seed: 7) == plan.steps(seed: 7))
        #expect(plan.steps(seed: 7) != plan.steps(seed: 8))
    }

    @Test("put every arm at every place of a block about equally often")
    func balanced() throws {
        let plan = try plan()
        var counts: [Int: [[String: String]: Int]] = [:]
        for seed in 0..<30 {
            let runs = plan.steps(seed: UInt64(seed)).filter { $0.role == .measurement }
            for (index, step) in runs.enumerated() { counts[index % 6, default: [:]][step.levels, default: 0] += 1 }
        }
        // 1200 blocks, 200 expected a cell, standard deviation 12.9: beyond 5 of them the shuffle is not fair.
        for place in 0..<6 {
            for arm in plan.arms { #expect(abs((counts[place]?[arm] ?? 0) - 200) < 65) }
        }
    }

    @Test("stay in the plan's order where it says so")
    func fixed() throws {
        let plan = try plan("order: fixed")
        let runs = plan.steps(seed: 1).filter { $0.role == .measurement }
        #expect(Array(runs.prefix(6)).map(\.levels) == plan.arms)
    }

    @Test("fill the command with levels, parameters and the block's seed")
    func command() throws {
        let plan = try plan()
        let step = Step(role: .measurement, levels: ["p": "b", "f": "2"], block: 0, seed: 99)
        #expect(plan.command(of: step).command == ["echo", "b", "2", "99", "here"])
        #expect(plan.label(of: step.levels) == "p=b,f=2")
    }
}
