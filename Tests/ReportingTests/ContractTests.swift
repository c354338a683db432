import Analysis
import Carbon
import Foundation
import Ledger
import Metering
import Quantities
import Testing

@testable import Reporting

private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
}

@Suite struct ContractTests {
    @Test func runHasTheContractsKeys() throws {
        let run = Synthetic.run("fp32", block: 0)
        let document = try object(runDocument(run, carbon: [Synthetic.grid]))
        let keys = [
            "schema", "id", "name", "command", "exit_status", "tags", "started_at", "duration_s", "host", "energy",
            "channels",
            "regions", "metrics", "counts", "carbon", "sampler", "warnings",
        ]
        #expect(Set(keys).subtracting(document.keys).isEmpty)
        #expect(document["schema"] as? String == "wattbook.run/1")
        #expect(document["started_at"] as? String == "2026-11-23T20:18:26.123456Z")
        let energy = try #require(document["energy"] as? [String: Any])
        let members = [
            "total_j", "uncertainty_j", "basis", "scope", "net_j", "net_uncertainty_j", "idle_w", "idle_runs",
            "coverage", "budget",
        ]
        #expect(Set(energy.keys) == Set(members))
        #expect(energy["net_j"] is NSNull && energy["idle_w"] is NSNull)
        let carbon = try #require((document["carbon"] as? [[String: Any]])?.first)
        let factors = [
            "account", "operational_g", "embodied_g", "total_g", "uncertainty_g", "intensity_g_per_kwh",
            "intensity_source",
            "zone", "zone_assumed", "year", "basis", "pue", "unmeasured_factor",
        ]
        #expect(Set(factors).subtracting(carbon.keys).isEmpty)
        #expect(carbon["embodied_g"] is NSNull)
    }

    @Test func idleIsSubtracted() throws {
        let run = Synthetic.run("fp32", block: 0)
        let document = try object(runDocument(run, carbon: [], idle: IdlePower(watts: 17, standardUncertainty: 0.5)))
        let energy = try #require(document["energy"] as? [String: Any])
        let time = try #require(run.duration)
        #expect(energy["net_j"] as? Double == 611 - 17 * time)
        // What is random in run and idle adds in squares; the gain that they share acts on their difference.
        let total = try #require(run.end?.account.total)
        let random = 2 * (try #require(total.randomUncertainty?.value))
        let gain = (36.66 * 36.66 - random * random).squareRoot() / 611 * (611 - 17 * time)
        let expected = (random * random + time * time + gain * gain).squareRoot()
        #expect(abs((energy["net_uncertainty_j"] as? Double ?? 0) - expected) < 1e-9)
    }

    @Test func runningRunIsAllNull() throws {
        var run = Synthetic.run("fp32", block: 0)
        run.end = nil
        let document = try object(runDocument(run, carbon: []))
        #expect(document["state"] as? String == "running")
        for key in ["exit_status", "duration_s", "sampler"] { #expect(document[key] is NSNull, "\(key)") }
        #expect((document["energy"] as? [String: Any])?["total_j"] is NSNull)
        #expect((document["energy"] as? [String: Any])?["basis"] is NSNull)
    }

    @Test func doublesKeepEveryDigit() throws {
        var run = Synthetic.run("fp32", block: 0)
        run.end?.account.total.joules = Joules(0.1 + 0.2)
        // The text, since not every reader of JSON keeps the last digit.
        #expect(runDocument(run, carbon: []).contains("\"total_j\": 0.30000000000000004,"))
    }

    @Test func comparisonHasTheContractsKeys() throws {
        let document = try object(comparisonDocument(Synthetic.study().comparisons[0]))
        let keys = [
            "schema", "baseline", "candidate", "speedup", "energy_ratio", "energy_saved", "power_ratio", "edp_ratio",
            "co2e_saved_g_per_run", "co2e_saved", "net_energy_ratio", "quality", "algorithm_differs", "verdict",
            "findings",
            "target", "relevance", "effect_size", "interval_method",
        ]
        #expect(Set(document.keys) == Set(keys))
        #expect(document["net_energy_ratio"] is NSNull)
        #expect(document["verdict"] as? String == "saves-energy")
        #expect(document["relevance"] as? String == "relevant")
        #expect(document["interval_method"] as? String == "t")
        #expect((document["effect_size"] as? [String: Any])?["kind"] as? String == "paired-dz")
        let quality = try #require(document["quality"] as? [String: Any])
        #expect(quality["deterministic"] as? Bool == false && quality["power"] is NSNull)
        #expect((document["speedup"] as? [String: Any])?["p"] as? Double == 1.2e-6)
        #expect((document["baseline"] as? [String: Any])?["runs"] as? Int == 5)
    }

    @Test func whatNobodyAskedIsNull() throws {
        var comparison = Synthetic.study().comparisons[0]
        comparison.relevance = nil
        comparison.effectSize = nil
        comparison.intervalMethod = .bootstrap
        let document = try object(comparisonDocument(comparison))
        #expect(document["relevance"] is NSNull && document["effect_size"] is NSNull)
        #expect(document["interval_method"] as? String == "bootstrap-bca")
        #expect(try Schema("comparison.json").faults(of: document) == [])
    }

    @Test func listHasIDsAndNames() throws {
        let document = try object(listDocument(runs: Synthetic.study().runs, experiments: [Synthetic.experiment]))
        #expect((document["runs"] as? [[String: Any]])?.first?["id"] as? String == "test-fp32-0")
        #expect((document["experiments"] as? [[String: Any]])?.first?["name"] as? String == "test-data-precision")
    }

    @Test func rowsOfTheTableAreRuns() throws {
        let text = try CSVRenderer().render(Synthetic.report())
        let lines = text.split(separator: "\n")
        #expect(lines.count == 11)
        let header = lines[0].split(separator: ",")
        for name in [
            "run", "duration_s", "energy_j", "energy_uncertainty_j", "basis", "co2e_g", "metric_iou", "count_images",
        ] {
            #expect(header.contains(Substring(name)), "\(name)")
        }
        #expect(lines.allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == header.count })
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (4_107_542_399_000_000, "2100-02-28T23:59:59.000000Z"),
        ] as [(Int64, String)]
    )
    func timesAreUTC(microseconds: Int64, expected: String) {
        #expect(timestamp(microseconds: microseconds) == expected)
    }
}
