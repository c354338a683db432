import Configuration
import Foundation
import Quantities
import Sites
import Testing

private let lab = """
    name: my-lab
    title: A laboratory
    place: Erlangen, Germany
    zone: de
    pue: {value: 1.3, year: 2025, source: facility management, read: 2026-11-01}
    unmeasured_factor: {value: 1.1, source: a wall meter, read: 2026-11-01}
    intensity:
      location: {value: 0.363 kg/kWh, basis: direct, year: 2024, source: UBA, read: 2026-11-01}
      market: {value: 0 g/kWh, source: a contract, read: 2026-11-01}
    embodied_per_node_hour: {value: 0.02 kg/node-h, source: the maker, read: 2026-11-01}
    node_types:
      gpu: {cores: 64, gpus: 4, source: the inventory, read: 2026-11-01, mean_power: {value: 1.5 kW, source: a meter, read: 2026-11-01}}
      cpu: {cores: 72, source: the inventory, read: 2026-11-01}
    price_per_kwh: {value: 0.31 EUR/kWh, source: a bill, read: 2026-11-01}
    allocation:
      unit: core-h
      conversions:
        - {from: GPU-h, factor: 24, source: the rules, year: 2026, read: 2026-11-01}
    """

@Suite("Site profiles")
struct SiteTests {
    @Test("those that are built in are whole, each value with its source and day")
    func builtIn() throws {
        let catalogue = try SiteCatalogue(folders: [])
        #expect(catalogue.entries.count >= 12)
        for entry in catalogue.entries {
            #expect(entry.path == nil)
            #expect(entry.site.facts.allSatisfy { $0.provenance.standing != .stated }, "\(entry.site.name)")
            #expect(entry.site.facts.allSatisfy { $0.provenance.read.hasPrefix("2026-11-") })
        }
        let names = catalogue.entries.map(\.site.name)
        #expect(names == names.sorted() && Set(names).count == names.count)
    }

    @Test("what nobody published stays out")
    func absent() throws {
        let catalogue = try SiteCatalogue(folders: [])
        for name in ["lumi", "alps", "jean-zay"] { #expect(try catalogue.find(name).site.pue == nil) }
        #expect(try catalogue.find("alps").site.gaps.contains { $0.contains("PUE") })
        #expect(try catalogue.find("dkrz").site.pue?.provenance.standing == .secondHand)
    }

    @Test("a user's own says all that there is to say")
    func whole() throws {
        let site = try Site(yaml: lab, path: "lab.yaml")
        #expect(site.zone == "DE")
        #expect(site.pue?.value == 1.3 && site.pue?.provenance.year == "2025")
        #expect(site.locationIntensity?.value.value.value == 363 && site.locationIntensity?.value.basis == .direct)
        #expect(site.marketIntensity?.value.basis == .contract)
        #expect(site.embodiedPerNodeHour?.value.value == 20)
        #expect(site.nodeType("gpu")?.meanPower?.value.value == 1500)
        #expect(site.pricePerKilowattHour?.value == Price(amount: 0.31, currency: "EUR", unit: "kWh"))
        #expect(site.gaps.isEmpty)
        let (gpu, cpu) = (try #require(site.nodeType("gpu")), try #require(site.nodeType("cpu")))
        #expect(site.unitsPerNodeHour(of: gpu)?.factor == 96)
        #expect(site.unitsPerNodeHour(of: cpu)?.factor == 72, "no conversion: core-hours are the unit itself")
    }

    /// What stands in the profile, what stands there instead, the line, and a word of the message.
    static let wrong: [(String, String, Int, String)] = [
        ("pue: {value: 1.3", "pue: {value: -1.3", 5, "below"),
        ("pue: {value: 1.3", "peu: {value: 1.3", 5, "Did you mean `pue`"),
        ("zone: de", "zone: Germny", 4, "nearest"),
        ("0.363 kg/kWh", "0.363", 8, "has no unit"),
        ("0.363 kg/kWh", "0.363 kg/MJ", 8, "kg/MJ"),
        ("0.02 kg/node-h", "20 g/kWh", 10, "g/node-h"),
        ("0.31 EUR/kWh", "0.31 EUR/MWh", 14, "EUR/kWh"),
        ("1.5 kW", "1500", 12, "has no unit"),
        ("cores: 72", "cores: many", 13, "whole number"),
        ("from: GPU-h", "from: gpuh", 18, "GPU-h"),
        ("source: a bill, ", "", 14, "source"),
        ("read: 2026-11-01}\nunmeasured", "read: 1.11.2026}\nunmeasured", 5, "day"),
        (
            "pue: {value: 1.3, year: 2025, source: facility management, read: 2026-11-01}", "pue: 1.3", 5,
            "needs its source"
        ),
        ("basis: direct", "basis: stack", 8, "life-cycle"),
        ("title: A laboratory\n", "", 1, "title"),
        ("factor: 24", "factor: 0", 18, "above 0"),
        ("from: GPU-h,", "from: GPU-h, node_type: tpu,", 15, "tpu"),
    ]

    @Test("names the line of what is wrong", arguments: wrong)
    func mistakes(old: String, new: String, line: Int, word: String) throws {
        let text = lab.replacingOccurrences(of: old, with: new)
        #expect(text != lab)
        let error = #expect(throws: ConfigurationError.self) { try Site(yaml: text, path: "lab.yaml") }
        #expect(error?.line == line, "\(error.map { "\($0)" } ?? "")")
        #expect(error?.exitCode == 78)
        #expect(error?.description.contains(word) == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test("an unknown name is answered with three others")
    func unknown() throws {
        let error = #expect(throws: SiteError.self) { try SiteCatalogue(folders: []).find("archer") }
        #expect(error?.nearest.first == "archer2" && error?.nearest.count == 3)
    }

    @Test("a user's folder goes before what is built in, and a path before both")
    func folders() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sites-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try lab.replacingOccurrences(of: "my-lab", with: "archer2").write(
            toFile: folder + "/own.yaml",
            atomically: true,
            encoding: .utf8
        )
        let catalogue = try SiteCatalogue(folders: ["/nowhere/at/all", folder])
        #expect(try catalogue.find("ARCHER2").path == folder + "/own.yaml")
        #expect(try catalogue.find(folder + "/own.yaml").site.zone == "DE")
        let missing = #expect(throws: ConfigurationError.self) { try catalogue.find("no/such.yaml") }
        #expect(missing?.exitCode == 66)
        #expect(
            SiteCatalogue.folders(environment: ["WATTBOOK_SITES": "/a:/b", "HOME": "/home/me"])
                == ["/a", "/b", "/home/me/.config/wattbook/sites"]
        )
    }

    @Test(
        "of a centre's rules the one for the node type goes first",
        arguments: [
            ("nhr-zib", "a100", 600.0, "core-h"), ("jean-zay", "a100-8", 16, "normalised GPU-h"),
            ("jean-zay", "v100-4", 4, "normalised GPU-h"), ("tgi-rails", "h100", 960, "SU"),
        ]
    )
    func conversions(name: String, type: String, factor: Double, unit: String) throws {
        let site = try SiteCatalogue(folders: []).find(name).site
        let node = try #require(site.nodeType(type))
        let units = try #require(site.unitsPerNodeHour(of: node))
        #expect(units.factor == factor && units.unit == unit)
        #expect(units.conversion != nil)
    }

    @Test("what has no way to the unit is not made up")
    func noWay() throws {
        let site = try SiteCatalogue(folders: []).find("jean-zay").site
        let node = try #require(site.nodeType("cpu"))
        #expect(site.unitsPerNodeHour(of: node) == nil)
    }
}
