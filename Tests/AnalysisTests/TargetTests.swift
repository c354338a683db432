import Analysis
import Foundation
import Ledger
import Metering
import Testing

@Suite("Energy to a target quality")
struct TargetTests {
    private let target = QualityTarget(metric: "iou", value: 0.75)

    /// Runs that reach the target after these seconds, at `watts`; `nil`: never.
    private func arm(_ level: String, _ seconds: [Double?], watts: Double) -> [RunRecord] {
        side(level, seconds: 20, watts: watts) { $0.levels = ["precision": level] }.enumerated().map { index, run in
            var end = run.end
            let time = seconds[index]
            end?.account.metrics = [
                MetricCourse(
                    metric: "iou",
                    seconds: [1, time ?? 10],
                    values: [0.5, time == nil ? 0.6 : 0.8],
                    joules: [watts, watts * (time ?? 10)]
                )
            ]
            return RunRecord(start: run.start, end: end)
        }
    }

    private func study(_ candidate: [Double?]) throws -> Study {
        var experiment = precisionExperiment()
        experiment.target = target
        let base: [Double?] = [10, 10.1, 9.9, 10.05, 9.95]
        let runs = arm("fp32", base, watts: 50) + arm("bf16", candidate, watts: 40)
        return try Analysis.study(experiment: experiment, runs: runs)
    }

    @Test func `has ratios with intervals where every run reached it`() throws {
        let study = try study([6, 6.1, 5.9, 6.1, 5.9])
        let found = try #require(study.comparisons.first?.target)
        #expect(found.baseline.reached == 5 && found.candidate.reached == 5)
        let time = try #require(found.timeRatio)
        #expect(abs(time.value - 0.6) < 0.003)
        #expect(try #require(time.low) < 0.6 && #require(time.high) > 0.6 && #require(time.p) < 0.001)
        #expect(abs(try #require(found.energyRatio).value - 0.48) < 0.003)
        #expect(abs(try #require(study.arms[0].target?.duration).value - 10) < 1e-9)
        #expect(abs(try #require(study.arms[0].target?.energy).value - 500) < 1e-9)
        #expect(study.findings.mention("To iou ≥ 0.75, bf16 took 0.600 times the time of fp32"))
    }

    @Test func `has none where a run never did, and says so`() throws {
        let study = try study([6, nil, 5.9, nil, 5.9])
        let found = try #require(study.comparisons.first?.target)
        #expect(found.timeRatio == nil && found.energyRatio == nil)
        #expect(found.candidate.reached == 3 && found.candidate.runs == 5)
        #expect(study.arms[1].target == TargetReach(runs: 5, reached: 3, duration: nil, energy: nil))
        #expect(study.findings.mention("iou ≥ 0.75 was reached in 3 of 5 runs of bf16 and 5 of 5 runs of fp32"))
    }

    @Test func `tells a metric that no run has from one that no run brought so far`() throws {
        let never: [Double?] = [nil, nil, nil, nil, nil]
        let (base, candidate) = (arm("fp32", never, watts: 50), arm("bf16", never, watts: 40))
        func findings(_ target: QualityTarget) throws -> [String] {
            try comparison(base, candidate, Criteria(target: target)).findings
        }
        #expect(try findings(target).contains { $0.hasPrefix("No run of") && $0.contains("reached iou ≥ 0.75") })
        let other = QualityTarget(metric: "f1", value: 0.75)
        #expect(try findings(other).contains { $0.hasPrefix("No run of") && $0.contains("tells a metric f1") })
    }

    @Test func `tells of arms that stand alone`() throws {
        var experiment = precisionExperiment()
        experiment.baseline = [:]
        experiment.target = target
        let runs = arm("fp32", [10, nil, 10, 10, 10], watts: 50) + arm("bf16", [6, 6, 6, 6, 6], watts: 50)
        let study = try Analysis.study(experiment: experiment, runs: runs)
        #expect(study.warnings.mention("fp32 reached iou ≥ 0.75 in 4 of 5 runs"))
        #expect(!study.warnings.mention("bf16 reached"))
    }

    @Test func `compares no joules of different machines`() throws {
        var runs = arm("bf16", [6, 6.1, 5.9, 6.1, 5.9], watts: 40)
        for index in runs.indices { runs[index].start.host.name = "elsewhere" }
        let base = arm("fp32", [10, 10.1, 9.9, 10.05, 9.95], watts: 50)
        let found = try #require(try comparison(base, runs, Criteria(target: target)).target)
        #expect(found.energyRatio == nil)
        #expect(found.timeRatio != nil)
    }

    @Test func `that no run knows is reached by none`() throws {
        let runs = side("a", seconds: 10, watts: 50)
        let found = try #require(try comparison(runs, runs, Criteria(target: target)).target)
        #expect(found.baseline.reached == 0 && found.timeRatio == nil)
    }
}
