import Analysis
import Ledger
import Testing

@Suite("Answers of an image")
struct PerImageTests {
    /// fp32 trains 3840 images and another precision `factor` times as many in half the time, with half the joules; at 16
    /// filters always as many.
    func study(of factor: Int, change: (inout SyntheticRun) -> Void = { _ in }) throws -> Study {
        let quality = QualityCriterion(metric: "iou", higherIsBetter: true, margin: 0.01)
        let sizes = ExperimentRecord.Factor(name: "filters", levels: ["8", "16"])
        let experiment = precisionExperiment(levels: ["fp32", "bf16"], other: [sizes], quality: quality)
        let runs = experiment.arms.enumerated().flatMap { index, levels in
            side("\(index)-", seconds: 30, watts: 10) { run in
                let isSingle = levels["precision"] == "fp32"
                run.levels = levels
                (run.trainSeconds, run.trainJoules) = (isSingle ? 20 : 10, isSingle ? 200 : 100)
                run.images = isSingle || levels["filters"] == "16" ? 3840 : 3840 * factor
                run.metrics = ["iou": 0.8]
                change(&run)
            }
        }
        return try Analysis.study(experiment: experiment, runs: runs)
    }

    @Test func `arms of different work are compared by the image, and whole runs are not`() throws {
        let study = try study(of: 2)
        let answer = try #require(study.answers.first)
        #expect(answer.per == "image" && answer.region == "train")
        let values = { (quantity: Answer.Quantity) in answer.figures(quantity).map(\.estimate.value) }
        #expect(zip(values(.speedup), [4, 2]).allSatisfy { abs($0 - $1) < 1e-9 } && values(.speedup).count == 2)
        #expect(zip(values(.energyRatio), [0.25, 0.5]).allSatisfy { abs($0 - $1) < 1e-9 })
        let saved = [200.0 / 3840 - 100.0 / 7680, 100.0 / 3840]
        #expect(zip(values(.energySaved), saved).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(answer.sentence.contains("39.1 mJ of measured joules less an image"))
        #expect(study.comparisons.map(\.candidate.label) == ["bf16, filters=16"])
        #expect(study.findings.mention("what is compared of them is an image in region train"))
    }

    @Test func `a prediction is compared by its own region, without its program's start`() throws {
        let study = try study(of: 1) { $0.work = "infer" }
        let answer = try #require(study.answers.first)
        #expect(answer.region == "infer" && answer.per == nil)
        #expect(answer.figures(.speedup).allSatisfy { abs($0.estimate.value - 2) < 1e-9 })
        #expect(study.arms.compactMap { $0.throughput?.value.rounded() }.sorted() == [192, 192, 384, 384])
        // Whole runs where some of them only predict.
        let mixed = try self.study(of: 1) { $0.work = $0.levels?["precision"] == "fp32" ? "train" : "infer" }
        #expect(mixed.answers.allSatisfy { $0.region == nil })
    }

    @Test func `quality after different numbers of images is not judged`() throws {
        let answer = try #require(try study(of: 2).answers.first { $0.question == .quality })
        #expect(answer.figures.map { $0.levels["filters"] } == ["16"] && answer.verdict == .yes)
        let all = try study(of: 2) { run in
            if run.levels?["precision"] == "bf16" { run.images = 7680 }
        }
        let unasked = try #require(all.answers.first { $0.question == .quality })
        #expect(unasked.figures.isEmpty && unasked.verdict == .notShown)
        #expect(all.comparisons.isEmpty && all.verdict == all.answers[0].sentence)
    }

    @Test func `equal work is compared whole`() throws {
        let study = try study(of: 1)
        #expect(study.answers.allSatisfy { $0.per == nil } && study.comparisons.count == 2)
        #expect(abs(try #require(study.answers[0].figures(.speedup).first).estimate.value - 2) < 1e-9)
        // What nobody counted is taken for equal, as the plan has it.
        #expect(try self.study(of: 2) { $0.images = nil }.comparisons.count == 2)
    }

    @Test func `work that a run finds by itself is no plan's, and validation must have the same share`() throws {
        let patient = try study(of: 2) { run in run.images? += 40 * run.block }
        #expect(patient.answers.allSatisfy { $0.per == nil } && patient.comparisons.count == 2)
        let validated = try study(of: 2) { $0.validations = 400 }
        #expect(validated.answers.allSatisfy { $0.per == nil })
        #expect(try study(of: 2) { $0.validations = $0.images.map { $0 / 10 } }.answers[0].per == "image")
    }
}
