import Analysis
import Carbon
import Foundation
import Ledger
import Quantities
import Testing

@testable import Reporting

@Suite struct SchemaTests {
    private func faults(_ text: String, _ file: String) throws -> [String] {
        try Schema(file).faults(of: JSONSerialization.jsonObject(with: Data(text.utf8)))
    }

    @Test func documentsKeepTheirSchemas() throws {
        let run = Synthetic.run("fp32", block: 0)
        var running = run
        running.end = nil
        let idle = IdlePower(watts: 17, standardUncertainty: 0.5)
        #expect(try faults(runDocument(run, carbon: [Synthetic.grid], idle: idle), "run.json") == [])
        #expect(try faults(runDocument(running, carbon: []), "run.json") == [])
        // Every member of an account, with both rules, a series and units of work.
        let full = CarbonSettings(
            pue: 1.1,
            intensity: Intensity(
                value: GramsPerKilowattHour(7),
                source: "test",
                basis: .direct,
                parts: [.init(from: 0, to: 3600, share: 1, value: GramsPerKilowattHour(7))],
                url: "http://127.0.0.1/",
                fetchedAt: 1
            ),
            marketIntensity: Intensity(value: .zero, source: "test"),
            embodied: Embodied(gramsPerNodeHour: 14, source: "test")
        )
        let accounts = try run.carbonAccounts(full)
        let document = runDocument(run, carbon: accounts)
        #expect(try faults(document, "run.json") == [])
        #expect(document.contains("\"unit\": \"images\"") && document.contains("\"zone\": null"))
        #expect(try faults(accountsDocument([(id: "a", accounts: accounts)]), "carbon.json") == [])
        var comparison = Synthetic.study().comparisons[0]
        comparison.carbonSaved = .init(operational: Estimate(value: 1), total: Estimate(value: 1, low: 0, high: 2))
        #expect(try faults(comparisonDocument(comparison), "comparison.json") == [])
        let study = Synthetic.study()
        #expect(try faults(comparisonDocument(study.comparisons[0]), "comparison.json") == [])
        let slurm = slurmComparisons(
            job: "7",
            records: SlurmRecord.parse("JobIDRaw|ConsumedEnergyRaw\n7|1200") ?? [],
            runs: [Synthetic.jobRun]
        )
        #expect(slurm.count == 1)
        #expect(try faults(slurmDocument(job: "7", setup: SlurmEnergySetup(), slurm), "slurm.json") == [])
        #expect(try faults(runDocument(Synthetic.jobRun, carbon: []), "run.json") == [])
        #expect(try faults(listDocument(runs: study.runs, experiments: [Synthetic.experiment]), "list.json") == [])
    }

    @Test func reportsKeepTheirSchema() throws {
        #expect(try faults(JSONRenderer().render(Synthetic.report()), "report.json") == [])
        for (name, make) in Synthetic.edgeCases {
            #expect(try faults(JSONRenderer().render(make()), "report.json") == [], "\(name)")
        }
    }

    @Test func scalingKeepsItsSchema() throws {
        let study = try Synthetic.scaling()
        let experiment = try #require(study.experiment)
        #expect(try faults(scalingDocument(experiment, study: study), "scaling.json") == [])
        #expect(try faults(scalingDocument(experiment, study: nil), "scaling.json") == [])
        let report = Report(study: study, version: "0.1.0")
        #expect(try faults(JSONRenderer().render(report), "report.json") == [])
        #expect(try JSONRenderer().render(report).contains("\"law\": \"amdahl\""))
    }

    @Test func faultsAreFound() throws {
        let good = runDocument(Synthetic.run("fp32", block: 0), carbon: [Synthetic.grid])
        for (old, new) in [
            ("\"zone_assumed\": true", "\"zone_assumed\": 1"), ("\"basis\": \"measured\"", "\"basis\": \"guessed\""),
            ("\"duration_s\"", "\"duration\""), ("\"ticks\": ", "\"ticks\": 0.5, \"was\": "),
            ("wattbook.run/1", "wattbook.run/2"),
        ] {
            let bad = good.replacingOccurrences(of: old, with: new)
            let found = try faults(bad, "run.json")
            #expect(bad != good && !found.isEmpty, "\(new)")
        }
    }
}
