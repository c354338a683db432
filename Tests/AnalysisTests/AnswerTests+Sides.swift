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
