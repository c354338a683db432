import Analysis
import Foundation
import Testing

@testable import Reporting

/// Joules above idle beside gross ones, in a report of arms.
@Suite struct NetReportTests {
    private func report(_ net: Estimate?) -> Report {
        var report = Synthetic.report()
        for index in report.study.arms.indices { report.study.arms[index].netEnergy = net }
        return report
    }

    @Test func standsBehindGrossWhereIdleIsKnown() throws {
        let known = try MarkdownRenderer().render(report(Estimate(value: -3.3, low: -4.3, high: -2.3)))
        let head = try #require(known.split(separator: "\n").first { $0.contains("Above idle") })
        let columns = head.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        let gross = try #require(columns.firstIndex { $0.hasPrefix("Energy,") })
        #expect(columns[gross + 1].hasPrefix("Above idle"))
        #expect(known.contains("-3.3 (-4.3 to -2.3)"), "a negative figure is shown as it is")
        #expect(!(try MarkdownRenderer().render(report(nil)).contains("Above idle")))
    }

    @Test func keepsItsSchema() throws {
        let text = try JSONRenderer().render(report(Estimate(value: 10, low: 9, high: 11)))
        let document = try JSONSerialization.jsonObject(with: Data(text.utf8))
        #expect(try Schema("report.json").faults(of: document) == [])
        #expect(text.contains("\"net_energy_j\": {"))
    }
}
