import Analysis
import Foundation
import Ledger
import Metering
import Testing

@testable import Reporting

/// Every form of a report tells what a target took, and who never reached it.
@Suite struct TargetReportTests {
    private let target = QualityTarget(metric: "iou", value: 0.75)

    private func report(reached: Int) -> Report {
        var study = Synthetic.study()
        let base = TargetReach(
            runs: 5,
            reached: 5,
            duration: Estimate(value: 10, low: 9, high: 11),
            energy: Estimate(value: 500, low: 490, high: 510)
        )
        let other = reached == 5 ? base : TargetReach(runs: 5, reached: reached, duration: nil, energy: nil)
        study.experiment?.target = target
        for index in study.arms.indices { study.arms[index].target = index == 0 ? base : other }
        let ratio = reached == 5 ? Estimate(value: 0.61, low: 0.6, high: 0.62, p: 1e-4) : nil
        for index in study.comparisons.indices {
            study.comparisons[index].target = Comparison.Target(
                target: target,
                baseline: base,
                candidate: other,
                timeRatio: ratio,
                energyRatio: ratio
            )
        }
        study.runs[0].end?.account.metrics = [
            MetricCourse(metric: "iou", seconds: [1.5, 2.5], values: [0.7, 0.8], joules: [75, 125])
        ]
        return Report(study: study, version: "0.0.0-test")
    }

    @Test(arguments: [5, 3]) func keepsItsSchema(reached: Int) throws {
        let report = report(reached: reached)
        let faults = { (text: String, file: String) in
            try Schema(file).faults(of: JSONSerialization.jsonObject(with: Data(text.utf8)))
        }
        #expect(try faults(JSONRenderer().render(report), "report.json") == [])
        #expect(try faults(comparisonDocument(report.study.comparisons[0]), "comparison.json") == [])
    }

    @Test func standsInTheTables() throws {
        let markdown = try MarkdownRenderer().render(report(reached: 5))
        #expect(markdown.contains("Until iou ≥ 0.75 was first reached"))
        #expect(markdown.contains("5 of 5") && markdown.contains("0.61"))
        let partial = try MarkdownRenderer().render(report(reached: 3))
        #expect(partial.contains("3 of 5") && !partial.contains("Time ratio"))
        #expect(try HTMLRenderer().render(report(reached: 3)).contains("3 of 5"))
    }

    @Test func hasColumnsOfItsOwn() throws {
        let lines = try CSVRenderer().render(report(reached: 5)).split(separator: "\n")
        #expect(lines[0].contains("time_to_target_s,energy_to_target_j"))
        #expect(lines[1].contains("2.5,125.0"))
        #expect(lines[2].contains(",,,"))
    }
}
