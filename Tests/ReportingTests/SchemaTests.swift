import Analysis
import Foundation
import Ledger
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
