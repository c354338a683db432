import Analysis
import Ledger
import Testing

@Suite("Answers of an image")
struct PerImageTests {
    /// fp32 trains 3840 images and another precision `factor` times as many in half the time, with half the joules.
    func study(of factor: Int, counts: Bool = true) throws -> Study {
        let quality = QualityCriterion(metric: "iou", higherIsBetter: true, margin: 0.01)
        let experiment = precisionExperiment(levels: ["fp32", "bf16"], quality: quality)
        let runs = ["fp32", "bf16"].flatMap { precision in
            side("\(precision)-", seconds: 30, watts: 10) { run in
                let isSingle = precision == "fp32"
                run.levels = ["precision": precision]
                (run.trainSeconds, run.trainJoules) = (isSingle ? 20 : 10, isSingle ? 200 : 100)
                run.images = counts ? isSingle ? 3840 : 3840 * factor : nil
                run.metrics = ["iou": 0.8]
            }
        }
        return try Analysis.study(experiment: experiment, runs: runs)
    }

    @Test func `arms of different work are compared by the image, and whole runs are not`() throws {
        let study = try study(of: 2)
        let answer = try #require(study.answers.first)
        #expect(answer.per == "image" && answer.region == "train")
        #expect(abs(try #require(answer.figures(.speedup).first).estimate.value - 4) < 1e-9)
        #expect(abs(try #require(answer.figures(.energyRatio).first).estimate.value - 0.25) < 1e-9)
        let saved = try #require(answer.figures(.energySaved).first).estimate.value
        #expect(abs(saved - (200.0 / 3840 - 100.0 / 7680)) < 1e-12)
        #expect(answer.sentence.contains("39.1 mJ less an image"))
        #expect(study.comparisons.isEmpty && study.verdict == answer.sentence)
        #expect(study.findings.mention("what is compared is an image in region train"))
    }

    @Test func `quality after different numbers of images is not judged`() throws {
        let answer = try #require(try study(of: 2).answers.first { $0.question == .quality })
        #expect(answer.figures.isEmpty && answer.verdict == .notShown && answer.sentence.contains("different numbers"))
        #expect(try #require(try study(of: 1).answers.first { $0.question == .quality }).verdict == .yes)
    }

    @Test func `equal work is compared whole`() throws {
        let study = try study(of: 1)
        #expect(study.answers.allSatisfy { $0.per == nil } && study.comparisons.count == 1)
        #expect(abs(try #require(study.answers[0].figures(.speedup).first).estimate.value - 2) < 1e-9)
        // What nobody counted is taken for equal, as the plan has it.
        #expect(try self.study(of: 2, counts: false).comparisons.count == 1)
    }
}
