import Analysis
import Foundation
import Ledger
import Metering
import Quantities
import Testing

@testable import Reporting

@Suite("The budget in documents")
struct BudgetReportTests {
    @Test("a run's JSON lists the parts, of the total and of each channel")
    func json() throws {
        let run = Synthetic.run("fp32", block: 0)
        let text = runDocument(run, carbon: [])
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let energy = try #require(document["energy"] as? [String: Any])
        let rows = try #require(energy["budget"] as? [[String: Any]])
        #expect(rows.compactMap { $0["part"] as? String } == ["calibration", "update-period", "resolution"])
        #expect(rows.compactMap { $0["distribution"] as? String } == ["normal", "triangular", "triangular"])
        #expect(rows.compactMap { $0["shared"] as? Bool } == [true, false, false])
        let shares = rows.compactMap { $0["share"] as? Double }
        #expect(abs(shares.reduce(0, +) - 1) < 1e-12 && shares[0] > 0.9)
        let squares = rows.compactMap { $0["standard_uncertainty_j"] as? Double }.reduce(0) { $0 + $1 * $1 }
        let budget = try #require(run.end?.account.total.budget)
        #expect(abs(squares.squareRoot() - budget.standardUncertainty.value) < 1e-12)
        for channel in try #require(document["channels"] as? [[String: Any]]) {
            #expect((channel["budget"] as? [Any])?.count == 3)
        }
    }

    @Test("a ledger without budgets says so, and its report has no table of them")
    func absent() throws {
        var run = Synthetic.run("fp32", block: 0)
        run.end?.account.total.budget = nil
        let text = runDocument(run, carbon: [])
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect((document["energy"] as? [String: Any])?["budget"] is NSNull)
        var report = Synthetic.report()
        for index in report.study.runs.indices { report.study.runs[index].end?.account.total.budget = nil }
        #expect(!(try MarkdownRenderer().render(report)).contains("Uncertainty budget"))
    }

    @Test("a report has the budget of a baseline's run")
    func report() throws {
        let text = try MarkdownRenderer().render(Synthetic.report())
        #expect(text.contains("Uncertainty budget of one run (test-fp32-"))
        #expect(text.contains("Update period"))
    }
}
