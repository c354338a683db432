import Analysis
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
