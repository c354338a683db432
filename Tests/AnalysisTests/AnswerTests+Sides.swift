import Analysis
import Ledger
import ProbeTestKit
import Testing

/// What answers say of sides that differ in more than precision, and of how few runs they rest on.
extension AnswerTests {
    @Test func `who gains more is told at one algorithm and best against best`() throws {
        let arm = { (framework: String, precision: String, algorithm: String, seconds: Double) in
            Arm(
                framework: framework,
                precision: precision,
                algorithm: algorithm,
                seconds: seconds,
                joules: seconds * 10,
                names: framework == "a"
            )
        }
        // At `direct` a gains 1.5 and b 1.25; at its fastest a gains nothing.
        let arms = [
            arm("a", "fp32", "fastest", 10), arm("a", "bf16", "fastest", 10), arm("a", "fp32", "direct", 24),
            arm("a", "bf16", "direct", 16), arm("b", "fp32", "library", 30), arm("b", "bf16", "library", 24),
        ]
        let answers = try answers(arms, withAlgorithm: true)
        let framework = try #require(answers.first { $0.question == .framework })
        let gains = framework.figures(.speedupGainRatio)
        #expect(gains.map(\.subject) == ["bf16: a (direct)", "bf16: a (best against best)"])
        #expect(gains.allSatisfy { $0.reference == "b" } && gains.map { $0.levels["algorithm"] } == ["direct", nil])
        #expect(abs(gains[0].estimate.value - 1.2) < 0.01 && abs(gains[1].estimate.value - 0.8) < 0.01)
        #expect(framework.sentence.contains("in a (direct) 1.2"))
        #expect(framework.sentence.contains("; best against best it is in b 1.2"))
        #expect(framework.sentence.hasPrefix("a is the fastest, each at its fastest algorithm: 2."))
        #expect(framework.sentence.contains("; mean over 2 places, from 2.4"))
        #expect(answers[0].sentence.contains("; a, each at its fastest algorithm, at most 1.0"))
    }

    @Test func `one algorithm that is the fastest in both precisions is precision alone in any order`() throws {
        let arm = { (precision: String, algorithm: String, seconds: Double) in
            Arm(framework: "a", precision: precision, algorithm: algorithm, seconds: seconds, joules: seconds * 10)
        }
        let arms = [
            arm("fp32", "winograd", 30), arm("bf16", "winograd", 28), arm("fp32", "direct", 24),
            arm("bf16", "direct", 16),
        ]
        let answer = try #require(try answers(arms, withAlgorithm: true).first)
        #expect(answer.figures(.speedup).map(\.algorithms) == [.same, .same])
        #expect(answer.figures(.speedup).map(\.subject) == ["bf16: winograd", "bf16: direct (best against best)"])
    }

    @Test func `an option that differs beside precision is named`() throws {
        let arms = [8, 16, 32].flatMap { filters in
            [("fp32", 20.0, "false"), ("bf16", 80 / Double(filters + 8), "true")].map { precision, seconds, layout in
                Arm(
                    framework: "a",
                    precision: precision,
                    filters: filters,
                    seconds: seconds,
                    joules: seconds * 10,
                    names: false,
                    info: ["channels_last": layout, "batch": "\(64 / filters)"]
                )
            }
        }
        let once = runs(arms, spread: 0.001).filter { $0.start.place?.block == 1 }
        let answers = try study(experiment: experiment(arms), runs: once).answers
        let clause = "the arms differ in channels_last too, so that this is not the gain of precision alone"
        #expect(
            answers[0].figures(.speedup).allSatisfy {
                $0.algorithms == .different && !$0.subject.contains("other")
            }
        )
        #expect(answers[0].sentence.contains(clause))
        let size = try #require(answers.first { $0.question == .size })
        #expect(size.sentence.contains(clause) && size.sentence.contains("batch changes with filters too"))
        #expect(size.sentence.contains("sizes ran but once"))
        let alone = ["fp32", "bf16"].map { Arm(framework: "b", precision: $0, seconds: 20, joules: 200) }
        let precision = try #require(try self.answers(arms + alone).first)
        #expect(precision.figures(.speedup).count { $0.subject.contains("(other channels_last)") } == 3)
        #expect(!precision.sentence.contains(clause))
        let often = try study(experiment: experiment(arms), runs: runs(arms)).answers
        #expect(!(often.first { $0.question == .size }?.sentence.contains("but once") ?? true))
    }

    @Test func `a framework whose arms differ in more than precision is told apart`() throws {
        let b = { (precision: String, seconds: Double, layout: String) in
            Arm(
                framework: "b",
                precision: precision,
                seconds: seconds,
                joules: seconds * 10,
                names: false,
                info: ["channels_last": layout]
            )
        }
        let a = [("fp32", 20.0), ("bf16", 10)].map {
            Arm(framework: "a", precision: $0.0, seconds: $0.1, joules: 10 * $0.1)
        }
        let answers = try answers(a + [b("fp32", 60, "false"), b("bf16", 20, "true")])
        #expect(answers[0].sentence.hasPrefix("bf16 in a ran 2.0"))
        #expect(answers[0].sentence.contains("; not among these is 1 gain of b whose arms differ in channels_last too"))
        let frameworks = try #require(answers.first { $0.question == .framework })
        #expect(frameworks.sentence.contains("The speed-up by bf16 is in b 1.5"))
        #expect(frameworks.sentence.contains("the arms of b differ in channels_last too"))
    }

    /// Runs of some frameworks that did other work than the rest.
    private func unequal(_ names: Set<String>) throws -> Answer {
        let arms = [("a", 10.0), ("b", 20), ("c", 30)].map {
            Arm(framework: $0.0, precision: "fp32", seconds: $0.1, joules: 10 * $0.1)
        }
        let runs = runs(arms).map { run in
            var run = run
            let name = run.start.place?.levels["framework"] ?? ""
            if names.contains(name) { run.end?.counts["images"] = name == "b" ? 100 : 200 }
            return run
        }
        return try #require(
            try study(experiment: experiment(arms), runs: runs).answers.first { $0.question == .framework }
        )
    }

    @Test func `no framework is the fastest where times cannot be compared`() throws {
        let none = try unequal(["b", "c"])
        #expect(none.sentence == "No times of a, b and c can be set beside each other.")
        #expect(none.verdict == .notShown)
        let one = try unequal(["c"])
        #expect(one.verdict == .partly)
        #expect(one.sentence.hasPrefix("That a is the fastest is not shown of all: "))
        #expect(one.sentence.hasSuffix("; no time of c can be set beside its."))
    }

    @Test func `joules saved hold the uncertainty that both sides share`() throws {
        let arms = [
            Arm(framework: "a", precision: "fp32", seconds: 20, joules: 2000),
            Arm(framework: "a", precision: "bf16", seconds: 10, joules: 1000),
        ]
        let halfWidths = try [0, 0.05].map { calibration in
            let runs = runs(arms, spread: 0.001, calibration: calibration)
            let answer = try #require(try study(experiment: experiment(arms), runs: runs).answers.first)
            let saved = try #require(answer.figures(.energySaved).first?.estimate)
            return try #require(saved.high) - (try #require(saved.low))
        }
        // Twice 5 % of 1000 J to either side.
        #expect(halfWidths[0] < 20 && halfWidths[1] > 200 && halfWidths[1] < 203)
    }
}
