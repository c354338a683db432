import Analysis
import Carbon
import Foundation
import Ledger
import Metering
import Quantities
import Testing

@testable import Reporting

@Suite struct AccountTests {
    private let account = Synthetic.account().account

    @Test func everyRunIsInOneLine() {
        #expect(account.runs.count == 20)
        #expect(account.lines.map(\.runs).reduce(0, +) == 20 && account.total.runs == 20)
        #expect(account.kinds.map(\.runs).reduce(0, +) == 20 && account.months.map(\.runs).reduce(0, +) == 20)
        let kinds = Dictionary(account.kinds.map { ($0.kind, $0.runs) }, uniquingKeysWith: +)
        #expect(kinds == [.measurement: 13, .pilot: 1, .warmup: 2, .idle: 2, .failed: 1, .killed: 1])
        #expect(account.months.map(\.group) == ["2026-09", "2026-10", "2026-11"])
        #expect(account.lines.contains { $0.group == "test-data-precision" && $0.kind == .idle })
    }

    @Test func basesStandApart() throws {
        #expect(account.total.energy.map(\.basis) == [.measured, .modelled])
        let measured = try #require(account.total.energy(.measured))
        let modelled = try #require(account.total.energy(.modelled))
        #expect(measured.runs == 19 && modelled.runs == 1)
        let joules = account.runs.compactMap { run -> Double? in
            run.end?.account.total.basis == .measured ? run.end?.account.total.joules?.value : nil
        }
        #expect(abs(measured.joules - joules.reduce(0, +)) < 1e-6)
        #expect(account.warnings.contains { $0.contains("no sum goes across") })
    }

    /// The gain of a sensor is as uncertain after a thousand runs as after one.
    @Test func calibrationIsNotAveragedOut() throws {
        let run = Synthetic.run("fp32", block: 0)
        let total = try #require(run.end?.account.total)
        let (joules, all) = (try #require(total.joules).value, try #require(total.uncertainty).value)
        let random = try #require(total.randomUncertainty).value
        let runs = (0..<1000).map { Synthetic.moved(run, id: "\($0)", to: Int64($0) * 60_000_000) }
        let sum = try #require(energySums(runs).first)
        #expect(abs(sum.uncertainty / sum.joules - all / joules) < 1e-4)
        // The random part alone grows with the root.
        let shared = (all * all / 4 - random * random).squareRoot() * 1000
        #expect(abs(sum.uncertainty - 2 * (shared * shared + 1000 * random * random).squareRoot()) < 1e-6)
    }

    @Test func aMachineIsTakenOnce() throws {
        let run = Synthetic.run("fp32", block: 0)
        let seconds = try #require(run.duration)
        let side = (0..<4).map { Synthetic.moved(run, id: "\($0)", to: 1_790_000_000_000_000) }
        let sums = periodAccount(of: side, title: "", grouping: .name, experiments: [:], carbon: [:])
        #expect(abs(sums.total.nodeSeconds - seconds) < 1e-6)
        #expect(sums.warnings.contains { $0.contains("side by side") })
        #expect(sums.warnings.contains { $0.contains("name no grid") })
    }

    @Test(arguments: [(0.0, 3600.0), (3599, 2), (86_000, 7200), (100, 200_000), (5, 0)])
    func hoursShareAllOfARun(start: Double, seconds: Double) {
        let shares = Document.hourShares(from: Int64(start * 1e6), seconds: seconds)
        #expect(abs(shares.values.reduce(0, +) - 1) < 1e-9)
        #expect(shares.keys.allSatisfy { (0..<24).contains($0) })
    }

    /// Two hours of one grid: a dirty one with a quarter of the joules, a clean one with the rest, and a held end.
    @Test func gramsOfIntervalsLieInTheirHours() throws {
        var account = try #require(Synthetic.account().account.carbon.values.first?.first)
        (account.operational, account.embodied, account.total) = (GramsCO2e(100), GramsCO2e(20), GramsCO2e(120))
        account.parts = [
            .init(from: 36_000, to: 39_600, share: 0.25, value: GramsPerKilowattHour(900)),
            .init(from: 39_600, to: 43_200, share: 0.75, value: GramsPerKilowattHour(100)),
        ]
        // From 10:30 to 12:30, half an hour beyond the series.
        let grams = Document.hourGrams(account, from: 37_800 * 1_000_000, seconds: 7200)
        #expect(abs(grams.values.reduce(0, +) - 120) < 1e-9)
        #expect(abs((grams[10] ?? 0) - (75 + 5)) < 1e-9)
        #expect(abs((grams[11] ?? 0) - (25 * 2 / 3.0 + 10)) < 1e-9)
        account.parts = nil
        #expect(abs((Document.hourGrams(account, from: 37_800 * 1_000_000, seconds: 7200)[11] ?? 0) - 60) < 1e-9)
    }

    @Test func equivalentsAreInTheDocumentWhereAskedFor() throws {
        var report = Synthetic.account()
        report.withEquivalents = true
        let value = try JSONSerialization.jsonObject(with: Data(JSONRenderer().render(report).utf8))
        #expect(try Schema("account.json").faults(of: value) == [])
        let rows = try #require((value as? [String: Any])?["equivalents"] as? [[String: Any]])
        let grams = try #require(report.account.total.grams.first)
        let all = try Equivalent.list(GramsCO2e(grams.grams), uncertainty: GramsCO2e(grams.uncertainty))
        #expect(rows.map { $0["name"] as? String } == all.map(\.name))
        #expect(try MarkdownRenderer().render(report).contains(try #require(all.first).text))
    }

    @Test func documentKeepsItsSchema() throws {
        let text = try JSONRenderer().render(Synthetic.account())
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        #expect(try Schema("account.json").faults(of: value) == [])
    }

    @Test func everyFormIsRendered() throws {
        for format in ReportFormat.allCases {
            let text = try format.renderer.render(Synthetic.account())
            #expect(!text.isEmpty && !text.contains("nan") && !text.contains("Optional("), "\(format)")
            if let folder = ProcessInfo.processInfo.environment["WATTBOOK_PAGES"] {
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/account-\(format.fileName)"))
            }
        }
        let page = try MarkdownRenderer().render(Synthetic.account())
        for word in ["failed", "killed", "pilot", "warm-up", "idle", "measured", "modelled", "2026-10"] {
            #expect(page.contains(word), "\(word)")
        }
    }

    @Test(arguments: [
        (0, "1970-01-01"), (-1, "1969-12-31"), (11_016, "2000-02-29"), (20_788, "2026-12-01"), (-719_468, "0000-03-01"),
    ])
    func daysHaveDates(days: Int64, text: String) {
        let date = CivilDate(daysSince1970: days)
        #expect(date.text == text && date.daysSince1970 == days)
    }
}
