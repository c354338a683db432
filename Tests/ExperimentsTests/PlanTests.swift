import Carbon
import Configuration
import Foundation
import Ledger
import Testing

@testable import Experiments

private func fixture(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)").path
}

private func plan(_ text: String, force: Bool = false) throws -> Plan {
    try Plan(text: text, path: "plan.yaml", searchPath: "/usr/bin:/bin", force: force)
}

@Suite("Plans")
struct PlanTests {
    @Test("say all that the contract lists")
    func whole() throws {
        let plan = try Plan(path: fixture("whole.yaml"))
        #expect(plan.name == "unet-precision")
        #expect(plan.parameters == ["data": "data/bagls", "batch": "8"])
        #expect(plan.factors.map(\.name) == ["precision", "filters"])
        #expect(plan.factors.map(\.levels) == [["fp32", "bf16"], ["16", "32"]])
        #expect(plan.baseline == ["precision": "fp32"])
        #expect(plan.repeats == 7)
        #expect(plan.warmup == 2)
        #expect(plan.order == .randomizedBlocks)
        #expect(plan.seed == 42)
        #expect(plan.cooldown == 2_000_000_000)
        #expect(plan.idle == 10_000_000_000)
        #expect(plan.interval == 50_000_000)
        #expect(plan.quality == QualityCriterion(metric: "iou", higherIsBetter: true, margin: 0.01))
        #expect(plan.target == QualityTarget(metric: "iou", value: 0.75, higherIsBetter: true))
        #expect(plan.smallestRelevantSaving == 0.05)
        #expect(plan.carbon.zone == "DE")
        #expect(plan.carbon.pue == 1.2)
        #expect(plan.workload.environment["OMP_NUM_THREADS"]?.filled(with: [:]) == "2")
        #expect(plan.text == (try String(contentsOfFile: fixture("whole.yaml"), encoding: .utf8)))
        #expect(plan.warnings.isEmpty)
    }

    @Test("need no more than a name and a command; the rest has defaults")
    func defaults() throws {
        let plan = try plan("{name: x, workload: {command: [true]}}")
        #expect(plan.repeats == 5)
        #expect(plan.warmup == 1)
        #expect(plan.order == .randomizedBlocks)
        #expect(plan.seed == nil)
        #expect(plan.cooldown == 0)
        #expect(plan.idle == 0)
        #expect(plan.interval == 100_000_000)
        #expect(plan.quality == nil)
        #expect(plan.smallestRelevantSaving == nil)
        #expect(plan.arms == [[:]])
    }

    @Test("take a target's direction from quality, wherever that stands, else as it is said")
    func targets() throws {
        let start = "{name: x, workload: {command: [true]}, target: {metric: loss, value: 0.3"
        #expect(try plan(start + "}}").target?.higherIsBetter == true)
        #expect(try plan(start + ", higher_is_better: false}}").target?.higherIsBetter == false)
        let quality = "quality: {metric: loss, higher_is_better: false, margin: 0.1}"
        #expect(try plan(start + "}, \(quality)}").target?.higherIsBetter == false)
        #expect(try plan(start + "}, \(quality.replacing("loss", with: "iou"))}").target?.higherIsBetter == true)
    }

    @Test("may list their arms instead of crossing factors")
    func listedArms() throws {
        let plan = try plan(
            """
            name: x
            workload: {command: [echo, "{p}", "{a}"]}
            arms:
              - {p: fp32, a: direct}
              - {p: fp32, a: winograd}
              - {p: bf16, a: direct}
            baseline: {p: fp32, a: direct}
            """
        )
        #expect(plan.arms.count == 3)
        #expect(plan.arms[1] == ["p": "fp32", "a": "winograd"])
        #expect(plan.factors.map(\.name) == ["p", "a"])
        #expect(plan.factors.map(\.levels) == [["fp32", "bf16"], ["direct", "winograd"]])
        #expect(plan.steps(seed: 1).count { $0.role == .measurement } == 15)
    }

    @Test("keep scalars as they are typed", arguments: ["no", "1e-3", "007", "~x", "16.0", "Yes"])
    func scalars(level: String) throws {
        let plan = try plan(
            "{name: x, workload: {command: [echo, '{f}']}, factors: {f: [\(level), other]}, baseline: {f: other}}"
        )
        #expect(plan.factors[0].levels == [level, "other"])
    }

    @Test("warn of what weakens them by choice")
    func warnings() throws {
        let plan = try plan(
            """
            name: x
            workload: {command: [echo, "{f}"]}
            factors: {f: [a, b]}
            baseline: {f: a}
            repeats: 1
            order: fixed
            idle: 1s
            """,
            force: true
        )
        #expect(plan.warnings.count == 3)
    }

    /// Each file is named after what is wrong with it, its first line says in a comment which line is to be named.
    @Test(
        "are refused before the first run, with the line, what is wrong and what to do",
        arguments: try FileManager.default.contentsOfDirectory(atPath: fixture("wrong")).sorted()
    )
    func wrong(file: String) throws {
        let path = fixture("wrong/\(file)")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let first = try #require(text.split(separator: "\n").first)
        let words = try #require(first.split(separator: "|", maxSplits: 1).map(String.init) as [String]?)
        let line = try #require(Int(words[0].filter(\.isNumber)))
        let error = try #require(throws: PlanError.self) { try Plan(path: path) }
        #expect(error.line == line, "\(error)")
        #expect(error.exitCode == 78)
        #expect(error.description.hasPrefix("\(path):\(line): "))
        #expect(error.description.contains(words[1].trimmingCharacters(in: .whitespaces)), "\(error)")
        #expect(error.remedy.hasSuffix(".") || error.remedy.hasSuffix("?"))
    }

    @Test("that are not there, no text or no mapping are named")
    func noPlan() throws {
        #expect(try #require(throws: PlanError.self) { try Plan(path: "/nowhere.yaml") }.exitCode == 66)
        #expect(throws: PlanError.self) { try plan("") }
        #expect(throws: PlanError.self) { try plan("- a\n- b\n") }
        #expect(throws: PlanError.self) { try plan("just words") }
    }

    @Test("survive every cut of a valid plan without a trap")
    func cuts() throws {
        let text = try String(contentsOfFile: fixture("whole.yaml"), encoding: .utf8)
        var refused = 0
        for end in stride(from: 0, to: text.utf8.count, by: 3) {
            let part = String(decoding: text.utf8.prefix(end), as: UTF8.self)
            do { _ = try plan(part) } catch is PlanError { refused += 1 }
        }
        #expect(refused > 100)
    }
}
