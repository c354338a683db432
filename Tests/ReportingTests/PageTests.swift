import Analysis
import Foundation
import Testing

@testable import Reporting

@Suite struct PageTests {
    @Test func everyEdgeCaseRendersInEveryForm() throws {
        for (name, make) in Synthetic.edgeCases {
            for format in ReportFormat.allCases {
                let text = try format.renderer.render(make())
                #expect(!text.isEmpty, "\(name).\(format.rawValue)")
                #expect(!text.contains("nan") && !text.contains("inf "), "\(name).\(format.rawValue)")
                #expect(!text.contains("Optional("), "\(name).\(format.rawValue)")
                // A folder to look at the pages of, for whoever changes the template.
                if let folder = ProcessInfo.processInfo.environment["WATTBOOK_PAGES"] {
                    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name).\(format.rawValue)"))
                }
            }
        }
    }

    @Test func pageLoadsNothing() throws {
        for make in Synthetic.edgeCases.values {
            let page = try HTMLRenderer().render(make())
            for word in [
                "<script", "<link", "<img", "@import", "url(", "src=\"", "http://", "https://", "<iframe", "xlink",
            ] {
                #expect(!page.contains(word), "\(word)")
            }
            #expect(page.contains("default-src 'none'"))
        }
    }

    @Test func pageServesLightDarkPaperAndPhone() throws {
        let page = try HTMLRenderer().render(Synthetic.report())
        for rule in ["prefers-color-scheme:dark", "@media print", "max-width:640px", "width=device-width"] {
            #expect(page.contains(rule), "\(rule)")
        }
        #expect(page.contains("role=\"img\"") && page.contains("<desc "))
    }

    @Test func identifiersAreUnique() throws {
        let page = try HTMLRenderer().render(Synthetic.report())
        let ids = page.matches(of: /\sid="([^"]+)"/).map { String($0.1) }
        #expect(ids.count > 20)
        #expect(Set(ids).count == ids.count)
    }

    @Test func hostileTextStaysText() throws {
        let page = try HTMLRenderer().render(Synthetic.crowded())
        #expect(!page.contains("<img"))
        #expect(page.contains("&lt;img src=x"))
        #expect(!page.contains("onerror=\"") && !page.contains("onerror='"))
    }

    @Test func modelledIsSaidInTheVerdict() throws {
        let report = Synthetic.single()
        #expect(!report.study.verdict.contains("modelled"))
        #expect(Document(report).verdict.contains("modelled"))
        for format in [ReportFormat.html, .md, .json] {
            #expect(try format.renderer.render(report).contains("The run took 611 J. All joules here are modelled."))
        }
        #expect(!Document(Synthetic.report()).verdict.contains("modelled"))
    }

    @Test func whatIsMissingIsSaid() throws {
        let page = try MarkdownRenderer().render(Synthetic.single())
        #expect(page.contains("No grid is known"))
        #expect(page.contains("No samples of power"))
        #expect(page.contains("no baseline to compare"))
        let powerless = try MarkdownRenderer().render(Synthetic.powerless())
        #expect(powerless.contains("No energy was recorded for any arm"))
        #expect(!powerless.contains("0 J"))
    }

    @Test func factorsCarryTheirSource() throws {
        let page = try MarkdownRenderer().render(Synthetic.report())
        for word in [
            "329.7 gCO2e/kWh", "2025", "life-cycle", "Ember via Our World in Data", "assumed from the time zone", "1.2",
        ] {
            #expect(page.contains(word), "\(word)")
        }
        #expect(page.contains("seed 42") && page.contains("every 100 ms") && page.contains("0 missed"))
    }

    @Test func sameStudyGivesSameBytes() throws {
        for format in ReportFormat.allCases {
            let texts = try (0..<3).map { _ in try format.renderer.render(Synthetic.report()) }
            #expect(Set(texts).count == 1)
        }
    }

    /// A million readings: half a million ticks of two channels.
    @Test func longRunStaysBelowAMegabyte() throws {
        let study = Synthetic.study()
        let run = study.runs[0]
        let report = Report(
            study: study,
            traces: [Report.representatives(of: study)[0].runID: Synthetic.traces(run, ticks: 500_000)],
            version: "0.0.0-test"
        )
        #expect(report.pictures[0].lines.count == 2)
        #expect(try HTMLRenderer().render(report).utf8.count < 1_000_000)
    }
}
