import Analysis
import Foundation
import Ledger
import ProbeTestKit
import Testing

@Suite("Answers")
struct AnswerTests {
    /// One arm of known truth.
    struct Arm {
        var framework: String
        var precision: String
        var filters = 8
        var algorithm = "direct"
        var seconds: Double
        var joules: Double
        var iou = 0.8
        var names = true
        var info: [String: String] = [:]
    }

    func experiment(_ arms: [Arm], withAlgorithm: Bool = false, quality: QualityCriterion? = nil) -> ExperimentRecord {
        let levels = { (key: (Arm) -> String) in
            arms.map(key).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        }
        var experiment = precisionExperiment(levels: levels(\.precision), quality: quality)
        experiment.factors = [
            .init(name: "framework", levels: levels(\.framework)),
            .init(name: "precision", levels: levels(\.precision)),
            .init(name: "filters", levels: levels { "\($0.filters)" }),
        ]
        if withAlgorithm { experiment.factors.append(.init(name: "algorithm", levels: levels(\.algorithm))) }
        experiment.listedArms = arms.map { self.levels($0, withAlgorithm) }
        return experiment
    }

    func levels(_ arm: Arm, _ withAlgorithm: Bool) -> [String: String] {
        var levels = ["framework": arm.framework, "precision": arm.precision, "filters": "\(arm.filters)"]
        if withAlgorithm { levels["algorithm"] = arm.algorithm }
        return levels
    }

    func runs(
        _ arms: [Arm],
        withAlgorithm: Bool = false,
        spread: Double = 0.004,
        seed: UInt64 = 3,
        calibration: Double? = nil
    )
        -> [RunRecord]
    {
        var noise = SeededGenerator(seed: seed)
        return arms.enumerated().flatMap { index, arm in
            side("arm\(index)-", seconds: arm.seconds, watts: 1, noise: noise.factors(6, spread: spread)) {
                $0.levels = levels(arm, withAlgorithm)
                $0.joules = arm.joules * $0.seconds / arm.seconds
                $0.metrics = ["iou": arm.iou + 0.0002 * Double($0.block % 3) * (arm.precision == "fp32" ? 1 : -1)]
                $0.info = arm.names ? ["algorithm": arm.algorithm] : arm.info
                $0.calibration = calibration
            }
        }
    }

    /// Two frameworks and three sizes: `a` gains 1.3, 1.5, 1.73 times; `b`, which is twice as slow, 1.1 everywhere.
    var grid: [Arm] {
        zip([8, 16, 32], [1.3, 1.5, 1.73]).flatMap { filters, gain in
            let time = Double(filters) * 2
            return [
                Arm(framework: "a", precision: "fp32", filters: filters, seconds: time, joules: 10 * time),
                Arm(
                    framework: "a",
                    precision: "bf16",
                    filters: filters,
                    seconds: time / gain,
                    joules: 10 * time / gain
                ),
                Arm(framework: "b", precision: "fp32", filters: filters, seconds: 2 * time, joules: 20 * time),
                Arm(
                    framework: "b",
                    precision: "bf16",
                    filters: filters,
                    seconds: 2 * time / 1.1,
                    joules: 20 * time / 1.1
                ),
            ]
        }
    }

    func answers(_ arms: [Arm], withAlgorithm: Bool = false, quality: QualityCriterion? = nil) throws -> [Answer] {
        try study(
            experiment: experiment(arms, withAlgorithm: withAlgorithm, quality: quality),
            runs: runs(arms, withAlgorithm: withAlgorithm)
        ).answers
    }

    @Test func `the four questions are answered from the factors`() throws {
        let quality = QualityCriterion(metric: "iou", higherIsBetter: true, margin: 0.01)
        let answers = try answers(grid, quality: quality)
        #expect(answers.map(\.question) == [.precision, .size, .framework, .quality])
        #expect(answers.map(\.verdict) == [.yes, .partly, .yes, .yes])
        let speedups = answers[0].figures(.speedup)
        #expect(speedups.count == 6)
        let largest = try #require(speedups.first { $0.subject == "bf16: a, filters=32" })
        #expect(abs(largest.estimate.value - 1.73) < 0.03 && (largest.estimate.low ?? 0) > 1.5)
        #expect(answers[0].figures(.energySaved).allSatisfy { $0.estimate.value > 0 })
        #expect(answers[0].sentence.contains("measured joules"))
        #expect(answers[0].sentence.contains("faster in 6 of 6 combinations"))
    }

    @Test func `sizes that ran but once show growth by their scatter about the line`() throws {
        let once = runs(grid, spread: 0.001).filter { $0.start.place?.block == 1 }
        let answers = try study(experiment: experiment(grid), runs: once).answers
        #expect(answers[0].figures(.speedup).allSatisfy { $0.estimate.low == nil })
        let slopes = try #require(answers.first { $0.question == .size }).figures(.speedupPerDoubling)
        // 1.3, 1.5 and 1.73 lie on a line of 1.1536 a doubling, 1.1 thrice on one of 1; one degree of freedom.
        #expect(abs(slopes[0].estimate.value - 1.1536) < 0.005 && (slopes[0].estimate.low ?? 0) > 1)
        #expect(abs(slopes[1].estimate.value - 1) < 0.005 && (slopes[1].estimate.low ?? 2) < 1)
        let two = grid.filter { $0.filters < 32 }
        let line = try study(
            experiment: experiment(two),
            runs: once.filter { $0.start.place?.levels["filters"] != "32" }
        )
        let size = try #require(line.answers.first { $0.question == .size })
        #expect(size.verdict == .notShown && size.sentence.contains("no interval can be given"))
    }

    @Test func `a gain that grows in one framework and not in another is told so`() throws {
        let answer = try #require(try answers(grid).first { $0.question == .size })
        let slopes = answer.figures(.speedupPerDoubling)
        #expect(slopes.map(\.subject) == ["bf16: a", "bf16: b"])
        #expect(abs(slopes[0].estimate.value - 1.153) < 0.01 && (slopes[0].estimate.low ?? 0) > 1.1)
        #expect((slopes[1].estimate.low ?? 2) < 1 && (slopes[1].estimate.high ?? 0) > 1)
        #expect(
            answer.sentence.hasPrefix("It grows: each doubling of filters multiplies the speed-up of bf16: a by 1.1")
        )
        #expect(answer.sentence.contains("that it changes is not shown") && answer.sentence.contains("bf16: b by"))
    }

    @Test func `which framework is faster and which gains more have intervals of their own`() throws {
        let answer = try #require(try answers(grid).first { $0.question == .framework })
        #expect(answer.sentence.hasPrefix("a is the fastest: 2."))
        let gain = try #require(answer.figures(.speedupGainRatio).first)
        // The mean of the logarithms of 1.3/1.1, 1.5/1.1 and 1.73/1.1.
        #expect(abs(gain.estimate.value - 1.364) < 0.02)
        #expect((gain.estimate.low ?? 0) > 1.3 && (gain.estimate.high ?? 2) < 1.43)
        #expect(answer.sentence.contains("The speed-up by bf16 is in a 1.3"))
        #expect(answer.figures(.duration).count == 12 && answer.figures(.energy).count == 12)
        let gains: [Int: Double] = [8: 1.3, 16: 1.5, 32: 1.73]
        let even = grid.map { arm -> Arm in
            var arm = arm
            if arm.framework == "b", arm.precision == "bf16" {
                let gain = gains[arm.filters] ?? 1
                (arm.seconds, arm.joules) = (arm.seconds * 1.1 / gain, arm.joules * 1.1 / gain)
            }
            return arm
        }
        let same = try #require(try answers(even).first { $0.question == .framework })
        #expect(same.sentence.contains("That one gains more than another is not shown"))
    }

    @Test func `what the algorithm gave is not credited to precision`() throws {
        let arm = { (precision: String, algorithm: String, seconds: Double) in
            Arm(framework: "a", precision: precision, algorithm: algorithm, seconds: seconds, joules: seconds * 10)
        }
        // bf16 gains 1.2 times at the same algorithm; fp32's best algorithm takes all of it away.
        let varied = [
            arm("fp32", "direct", 24), arm("bf16", "direct", 20), arm("fp32", "winograd", 16),
            arm("bf16", "winograd", 20),
        ]
        let answer = try #require(try answers(varied, withAlgorithm: true).first)
        let direct = answer.figures(.speedup).filter { $0.levels["algorithm"] == "direct" && $0.algorithms == .same }
        #expect(direct.count == 1 && abs(direct[0].estimate.value - 1.2) < 0.02)
        let best = try #require(answer.figures(.speedup).first { $0.subject.contains("best against best") })
        #expect(abs(best.estimate.value - 0.8) < 0.02)
        // One algorithm a precision: no gain of precision is told.
        let chosen = [arm("fp32", "winograd", 24), arm("bf16", "direct", 12)]
        let mixed = try #require(try answers(chosen).first)
        #expect(mixed.figures(.speedup).map(\.algorithms) == [.different])
        #expect(mixed.sentence.contains("not the gain of precision alone"))
        let fastest = [arm("fp32", "fastest", 24), arm("bf16", "fastest", 12)]
        #expect(try #require(try answers(fastest).first).figures(.speedup).map(\.algorithms) == [.best])
        // An algorithm that chooses by itself is not the best of the plan where another is faster.
        let beaten = varied[..<2] + [arm("fp32", "fastest", 16), arm("bf16", "fastest", 22)]
        let told = try #require(try answers(Array(beaten), withAlgorithm: true).first)
        let subjects = told.figures(.speedup).map(\.subject)
        #expect(Set(subjects).count == subjects.count && subjects.count == 3)
        #expect(subjects.filter { $0.contains("best against best") }.count == 1)
    }

    @Test func `single runs show nothing`() throws {
        let first = runs(even).filter { $0.start.place?.block == 0 }
        let single = try #require(try study(experiment: experiment(even), runs: first).answers.first)
        #expect(single.verdict == .notShown && single.sentence.contains("no interval"))
    }

    /// Two frameworks that are alike, neither of which gains, at two sizes.
    var even: [Arm] {
        ["a", "b"].flatMap { framework in
            ["fp32", "bf16"].flatMap { precision in
                [8, 16].map { Arm(framework: framework, precision: precision, filters: $0, seconds: 20, joules: 200) }
            }
        }
    }

    @Test func `equal arms are told apart no more often than intervals of 95 per cent miss`() throws {
        var told: [Answer.Question: Int] = [:]
        var gains = 0
        for seed in 0..<300 {
            let runs = runs(even, seed: UInt64(seed))
            for answer in try study(experiment: experiment(even), runs: runs).answers {
                if answer.verdict != .notShown { told[answer.question, default: 0] += 1 }
                gains += answer.figures(.speedupGainRatio).count {
                    $0.estimate.low ?? 0 > 1 || $0.estimate.high ?? 2 < 1
                }
            }
        }
        // Of 300 the expectation is 15, or the half where one side alone counts; 28 and more have a chance of 0.1 %.
        #expect(told[.precision, default: 0] < 28 && told[.size, default: 0] < 28 && told[.framework, default: 0] < 28)
        #expect(gains < 28 && gains > 3, "\(told) \(gains)")
    }

    @Test func `a plan without the factors is asked nothing`() throws {
        let other = ExperimentRecord.Factor(name: "batch", levels: ["1", "2"])
        var experiment = precisionExperiment(levels: ["slow", "fast"], other: [other])
        experiment.baseline = ["precision": "slow"]
        let runs = side("s", seconds: 10, watts: 50) { $0.levels = ["precision": "slow", "batch": "1"] }
        #expect(try study(experiment: experiment, runs: runs).answers.isEmpty)
    }

    @Test func `unequal work is no gain`() throws {
        let arms = [
            Arm(framework: "a", precision: "fp32", seconds: 20, joules: 200),
            Arm(framework: "a", precision: "bf16", seconds: 10, joules: 100),
        ]
        let halved = runs(arms).map { run in
            var run = run
            if run.start.place?.levels["precision"] == "bf16" { run.end?.counts["images"] = 1920 }
            return run
        }
        let answer = try #require(try study(experiment: experiment(arms), runs: halved).answers.first)
        #expect(answer.figures.isEmpty && answer.verdict == .notShown)
        #expect(answer.sentence == "No time of bf16 can be set beside fp32's.")
    }

    @Test func `a study keeps its answers as JSON`() throws {
        let study = try study(experiment: experiment(grid), runs: runs(grid))
        let copy = try JSONDecoder().decode(Study.self, from: JSONEncoder().encode(study))
        #expect(copy.answers == study.answers && !copy.answers.isEmpty)
    }
}
