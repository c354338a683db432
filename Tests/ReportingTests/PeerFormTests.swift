import Analysis
import Foundation
import Ledger
import Metering
import Quantities
import Testing

@testable import Reporting

/// The forms that programs of others read.
@Suite struct PeerFormTests {
    /// The fields of `EmissionsData` in CodeCarbon 3.3.2, in order.
    private static let codecarbon = """
        timestamp,project_name,run_id,experiment_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,\
        cpu_energy,gpu_energy,ram_energy,energy_consumed,water_consumed,country_name,country_iso_code,region,\
        cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,\
        longitude,latitude,ram_total_size,tracking_mode,cpu_utilization_percent,gpu_utilization_percent,\
        ram_utilization_percent,ram_used_gb,on_cloud,pue,wue
        """

    @Test func emissionsHaveCodeCarbonsColumnsAndUnits() throws {
        let lines = try CodeCarbonRenderer().render(Synthetic.report()).split(separator: "\n").map(String.init)
        #expect(lines[0] == Self.codecarbon)
        #expect(lines.count == 11)
        let names = lines[0].split(separator: ",").map(String.init)
        let values = lines[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        try #require(values.count == names.count)
        let row = Dictionary(uniqueKeysWithValues: zip(names, values))
        let run = Synthetic.study().runs[0]
        let joules = try #require(run.end?.account.total.joules?.value)
        let seconds = try #require(run.duration)
        let number = { (name: String) in Double(row[name] ?? "") ?? .nan }
        // The PUE is in energies and powers there.
        #expect(abs(number("energy_consumed") - joules / 3.6e6 * 1.2) < 1e-12)
        #expect(abs(number("cpu_power") - joules * 0.83 / seconds * 1.2) < 1e-9)
        #expect(abs(number("emissions") - 0.0673 / 1000) < 1e-15)
        #expect(row["gpu_energy"] == "" && row["water_consumed"] == "" && row["country_name"] == "Germany")
        #expect(row["country_iso_code"] == "DEU")
        #expect(row["timestamp"] == "2026-11-23T20:18:38")
    }

    @Test func boAmpsKeepsItsModel() throws {
        let text = try BoAmpsRenderer().render(Synthetic.report())
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        #expect(try Schema("boamps.json").faults(of: value) == [])
        let document = try #require(value as? [String: Any])
        let measures = try #require(document["measures"] as? [[String: Any]])
        let joules = try #require(Synthetic.study().runs[0].end?.account.total.joules?.value)
        #expect(measures.count == 10)
        #expect(abs((measures[0]["powerConsumption"] as? Double ?? 0) - joules / 3.6e6) < 1e-12)
        // What nobody said is not made up.
        #expect((document["header"] as? [String: Any])?["reportStatus"] as? String == "draft")
    }

    @Test func boAmpsTakesWhatTagsSay() throws {
        var report = Synthetic.report()
        for index in report.study.runs.indices {
            report.study.runs[index].start.tags = [
                "taskStage": "training", "taskFamily": "image segmentation", "dataType": "image",
                "infraType": "onPremise",
            ]
        }
        let text = try BoAmpsRenderer().render(report)
        #expect(text.contains("\"taskStage\": \"training\"") && text.contains("\"reportStatus\": \"final\""))
        #expect(text.contains("\"infraType\": \"onPremise\"") && text.contains("\"dataType\": \"image\""))
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        #expect(try Schema("boamps.json").faults(of: value) == [])
    }

    @Test func modelCardsBeginWithTheHubsFields() throws {
        var report = Synthetic.report()
        let card = try ModelCardRenderer().render(report)
        let lines = card.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines[0] == "---" && lines[1] == "co2_eq_emissions:")
        let grams = try #require(Double(lines[2].replacing("  emissions: ", with: "")))
        #expect(abs(grams - 10 * 0.0673) < 1e-9)
        #expect(lines[3].hasPrefix("  source: \"Wattbook") && lines[4] == "  geographical_location: \"Germany\"")
        #expect(lines[5] == "  hardware_used: \"Invented Accelerator\"" && lines[6] == "---")
        for index in report.study.runs.indices {
            report.study.runs[index].start.tags = ["training_type": "fine-tuning"]
        }
        #expect(try ModelCardRenderer().render(report).contains("  training_type: \"fine-tuning\"\n"))
        // Without a grid there are no grams, and no field that says so.
        let plain = try ModelCardRenderer().render(Synthetic.single())
        #expect(!plain.contains("co2_eq_emissions") && plain.contains("No grid is known"))
    }

    @Test func methodsHoldTheNumbers() throws {
        let text = try MethodsRenderer().render(Synthetic.report())
        for words in [
            "every 100 ms", "randomised blocks (seed 42)", "Invented Processor 9000 (16 logical processors)", "0.61",
            "329.7 gCO2e/kWh (Germany, 2025, life-cycle", "a PUE of 1.2", "6.0 %",
        ] {
            #expect(text.contains(words), "\(words)")
        }
        #expect(try MethodsRenderer().render(Synthetic.single()).contains("Energy was modelled"))
    }

    @Test func entriesAreWellFormed() throws {
        let text = try BibTeXRenderer().render(Synthetic.report())
        #expect(text.matches(of: /@\w+\{[\w-]+,\n/).count == 4)
        #expect(text.count { $0 == "{" } == text.count { $0 == "}" })
        #expect(text.contains("version = {0.0.0-test}") && text.contains("year = {2026}"))
    }
}
