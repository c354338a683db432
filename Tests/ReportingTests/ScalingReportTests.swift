import Analysis
import Foundation
import Ledger
import Metering
import Quantities
import Testing

@testable import Reporting

extension Synthetic {
    /// Five numbers of nodes with a serial fraction of 5 % and the least energy inside; 32 nodes failed.
    static func scaling(basis: Basis = .measured) throws -> Study {
        let units = [1, 2, 4, 8, 16, 32]
        var record = experiment
        record.name = "test-data-scaling"
        record.factors = [.init(name: "nodes", levels: units.map { "\($0)" })]
        record.baseline = ["nodes": "1"]
        record.scaling = ExperimentRecord.Scaling(over: .nodes, modes: [.strong], launch: .sbatch)
        let runs = units.flatMap { units in
            (0..<3).compactMap { block -> RunRecord? in
                var run = Synthetic.run("fp32", block: block, basis: basis)
                let seconds = 400 * (0.05 + 0.95 / Double(units)) * (1 + 0.01 * Double((block * 2 + units) % 3))
                run.start.id = "test-\(units)-\(block)"
                run.start.place?.levels = ["nodes": "\(units)"]
                guard var end = run.end else { return nil }
                end.end = run.start.start + Int64(seconds * 1e9)
                end.account.total.joules = Joules(seconds * (100 + 40 * Double(units)))
                end.account.total.uncertainty = Joules(seconds * 10)
                if units == 32 { end.exitStatus = 1 }
                run.end = end
                return run
            }
        }
        return try Analysis.study(experiment: record, runs: runs)
    }
}

@Suite struct ScalingReportTests {
    @Test func theSectionStandsByItself() throws {
        let document = try Document(Report(study: Synthetic.scaling(), version: "0.1.0"))
        let section = try #require(document.sections.first { $0.id == "scaling" })
        let tables = section.blocks.compactMap { block -> Table? in
            guard case .table(let table) = block else { return nil }
            return table
        }
        #expect(tables.count == 2)
        #expect(
            tables[0].rows.map { $0[0].text } == ["1 node", "2 nodes", "4 nodes", "8 nodes", "16 nodes", "32 nodes"]
        )
        #expect(tables[0].rows[3][0].detail == "least energy" && tables[0].rows[5][0].detail == "missing")
        #expect(tables[0].columns.map(\.title).contains("Energy to solution, measured"))
        #expect(tables[1].rows[0][0].detail == "carried by the data")
        #expect(document.highlights.map(\.name).prefix(2) == ["Speed-up of 16 nodes", "Efficiency of 16 nodes"])
        #expect(document.highlights.last?.value == "8 nodes")
        #expect(document.verdict.hasPrefix("16 nodes run"))
        #expect(!Document(Synthetic.report()).sections.contains { $0.id == "scaling" })
    }

    @Test func picturesShowTheIdealTheLawAndTheLeast() throws {
        let page = try HTMLRenderer().render(Report(study: Synthetic.scaling(), version: "0.1.0"))
        for picture in ["scaling-speed-1-narrow", "scaling-efficiency-1-narrow", "scaling-energy-1-wide"] {
            #expect(page.contains("id=\"\(picture)-title\""), "\(picture)")
        }
        #expect(
            page.contains(">ideal</text>") && page.contains(">Amdahl&#39;s law</text>")
                && page.contains(">least</text>")
        )
    }

    @Test func tablesAreAFileBesideTheRuns() throws {
        let report = try Report(study: Synthetic.scaling(), version: "0.1.0")
        let rows = try #require(report.scalingCSV).split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let header = rows[0]
        #expect(rows.count == 7 && rows.allSatisfy { $0.count == header.count })
        let table = report.study.parallelScaling[0]
        for (row, point) in zip(rows.dropFirst(), table.points) {
            let cell = { (name: String) in header.firstIndex(of: name).map { row[$0] } ?? "" }
            #expect(cell("units") == "\(point.units)" && cell("runs") == "3" && cell("basis") == "measured")
            #expect(Double(cell("speedup_low")) == point.speedup.low)
            #expect(Double(cell("energy_j")) == point.energy?.value)
            #expect(cell("least_energy") == (point.units == 8 ? "yes" : "no"))
        }
        #expect(rows[6].last == table.missing[0].reason)
        #expect(Synthetic.report().scalingCSV == nil)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("scaling-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = try write(report, formats: [.csv], to: folder.path)
        #expect(files == ["\(folder.path)/report.csv", "\(folder.path)/scaling.csv"])
    }

    @Test func modelledJoulesAreCalledSo() throws {
        let words = try MarkdownRenderer().render(Report(study: Synthetic.scaling(basis: .modelled), version: "0.1.0"))
        #expect(words.contains("Modelled energy to solution is least at 8 nodes"))
        #expect(words.contains("Energy to solution, modelled") && words.contains("Least energy, modelled"))
    }
}
