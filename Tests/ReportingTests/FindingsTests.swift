import Analysis
import Carbon
import Foundation
import Ledger
import Metering
import Testing

@testable import Reporting

/// What was found, of few comparisons and of many.
@Suite struct FindingsTests {
    /// fp32 and bf16 at every size, from the invented runs.
    private func report(sizes: [String]) throws -> Report {
        let runs = sizes.flatMap { size in
            (0..<5).flatMap { block in
                ["fp32", "bf16"].map { precision in
                    var run = Synthetic.run(precision, block: block, basis: .modelled)
                    run.start.id += "-\(size)"
                    run.start.place?.levels["filters"] = size
                    run.start.carbon = CarbonSettings(zone: "DE")
                    return run
                }
            }
        }
        var plan = Synthetic.experiment
        plan.factors.append(.init(name: "filters", levels: sizes))
        return Report(study: try Analysis.study(experiment: plan, runs: runs), version: "0.0.0-test")
    }

    private func blocks(_ report: Report) throws -> [Block] {
        try #require(report.document.sections.first { $0.id == "findings" }).blocks
    }

    @Test func threeComparisonsAreSentences() throws {
        let report = try report(sizes: ["8", "16", "32"])
        guard case .list(let items) = try blocks(report).first else {
            Issue.record("no list of sentences")
            return
        }
        #expect(items == report.study.findings)
        #expect(!(try blocks(report).contains { if case .table = $0 { true } else { false } }))
    }

    @Test func methodsTellOfTheRegionWhatHasAnInterval() throws {
        var plan = Synthetic.experiment
        plan.factors.append(.init(name: "filters", levels: ["8", "16"]))
        let runs = try report(sizes: ["8", "16"]).study.runs
        let methods = { (isKept: (ArmPlace) -> Bool) in
            let kept = runs.filter { $0.start.place.map(isKept) ?? false }
            let study = try Analysis.study(experiment: plan, runs: kept)
            return Report(study: study, version: "0.0.0-test").methods.joined(separator: " ")
        }
        let cut = try methods { $0.levels["filters"] == "8" || $0.block == 0 }
        #expect(cut.contains("12 runs in 4 arms, 8 fewer than planned, run in randomised blocks"))
        #expect(cut.contains("bf16: filters=8 took in region train 0."))
        #expect(!cut.contains("filters=16") && cut.contains("want of an interval: 1 further comparison."))
        let once = try methods { $0.block == 0 }
        #expect(once.contains("want of an interval: 2 comparisons.") && !once.contains("Intervals are 95 %"))
    }

    @Test func fourComparisonsAreATable() throws {
        let report = try report(sizes: ["8", "16", "32", "64"])
        let parts = try blocks(report)
        guard case .paragraph(let summary) = parts[0], case .table(let table) = parts[1] else {
            Issue.record("no summary before a table")
            return
        }
        #expect(summary.hasPrefix("bf16 is shown to be faster than fp32 in all of 4 comparisons (1."))
        #expect(table.rows.map { $0[0].text } == ["filters=8", "filters=16", "filters=32", "filters=64"])
        #expect(table.caption.hasPrefix("bf16 beside fp32"))
        #expect(
            table.columns.map(\.heading).prefix(5) == [
                "At", "Speed-up, times as fast", "Energy saved, modelled", "Saved a run, modelled (J)",
                "Change of power, modelled",
            ]
        )
        let comparison = report.study.comparisons[0]
        #expect(table.rows[0][1].text == "faster, " + ratioCell(comparison.speedup).text)
        #expect(table.rows[0][1].detail == ratioCell(comparison.speedup).detail)
        #expect(table.rows[0][2].text.hasPrefix("saves, 3") && table.rows[0][2].text.hasSuffix(" %"))
        #expect(table.rows[0].last?.text.hasPrefix("less, -") == true)
        #expect(
            table.columns.last?.heading == "Change of CO2e a run (mg)" && table.note?.contains("of Germany") == true
        )
        for case .list(let items) in parts { #expect(!items.contains { $0.hasPrefix("At filters=") }) }
    }

    @Test func everyFormHasTheTable() throws {
        let report = try report(sizes: ["8", "16", "32", "64"])
        let page = try HTMLRenderer().render(report)
        let paper = try HTMLRenderer(medium: .paper).render(report)
        for text in [page, paper, try MarkdownRenderer().render(report), try LaTeXRenderer().render(report)] {
            #expect(text.contains("bf16 beside fp32") && text.contains("faster, 1.7"))
            #expect(!text.contains("At filters=8, bf16 ran"))
        }
        let json = try JSONRenderer().render(report)
        #expect(json.contains("At filters=8, bf16 ran") && json.contains("At filters=64, bf16 saved"))
        #expect(try Schema("report.json").faults(of: JSONSerialization.jsonObject(with: Data(json.utf8))) == [])
    }

    @Test func endsThatTellNothingAreCut() throws {
        var report = try report(sizes: ["8", "16", "32", "64"])
        report.study.comparisons[1].speedup = Estimate(value: 1.39, low: 0.0001, high: 1_613_466)
        report.study.comparisons[1].verdict = .noDifferenceShown
        report.study.comparisons[1].energySaved = .init(fraction: 0.28, low: -352_950, high: 1, joulesPerRun: 39.4)
        report.study.comparisons[2].verdict = .notComparable
        guard case .table(let table) = try blocks(report)[1] else {
            Issue.record("no table")
            return
        }
        #expect(table.rows[1][1].text == "not shown, 1.39" && table.rows[1][1].detail == "0.00 to > 1000")
        #expect(table.rows[1][2].text == "not shown, 28 %" && table.rows[1][2].detail == "< -1000 to 100 %")
        #expect(table.rows[2][1].text == "not comparable" && table.rows[2][2].text == "–")
        #expect(table.rows[2].count == table.columns.count)
    }
}
