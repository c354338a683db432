import Carbon
import Quantities
import Testing

@Suite("Table of grids")
struct GridTableTests {
    @Test func `holds every row once`() throws {
        let table = try GridTable.standard()
        #expect(table.zones.count == 296)
        #expect(Set(table.zones.map(\.code)).count == 296)
        #expect(table.zones.filter { $0.basis == .direct }.count == 64)
        #expect(table.zones.allSatisfy { $0.intensity.value > 0 && $0.intensity.value < 1500 })
    }

    @Test func `knows Germany, California and the quoted zone of Stockholm`() throws {
        let table = try GridTable.standard()
        let germany = try table.zone("de")
        #expect(germany.intensity.value == 329.65)
        #expect(germany.basis.rawValue == "life-cycle")
        #expect(germany.citation == "Ember via Our World in Data (CC-BY-4.0), 2025")
        #expect(try table.zone(" germany ").code == "DE")
        #expect(try table.zone("us-ca").basis.rawValue == "direct")
        #expect(try table.zone("US-CA").citation == "EPA eGRID2023")
        #expect(try table.zone("SE-SE3").name.hasSuffix("includes Stockholm)"))
        // Neither a missing value nor a boolean.
        #expect(try table.zone("NA").name == "Namibia")
        #expect(try table.zone("NO").name == "Norway")
    }

    @Test(arguments: [("Germny", "DE"), ("Frnace", "FR"), ("US-CAL", "US-CA"), ("Swizerland", "CH")])
    func `an unknown zone names the nearest`(text: String, code: String) throws {
        let table = try GridTable.standard()
        let error = #expect(throws: CarbonError.self) { try table.zone(text) }
        #expect(error?.code == .unknownZone)
        #expect(error?.exitCode == 65)
        #expect(error?.description.contains("\(code) (") == true)
        #expect(table.nearestZones(to: text).count == 3)
    }

    @Test(arguments: ["", "  ", "DE-XX-YY", "日本国", String(repeating: "z", count: 500)])
    func `odd names are refused and never trap`(text: String) throws {
        let table = try GridTable.standard()
        #expect(throws: CarbonError.self) { try table.zone(text) }
    }

    @Test(arguments: [
        "DE,Germany,abc,2025,lifecycle,Ember", "DE,Germany,-3,2025,lifecycle,Ember", "DE,Germany,3,2025,cradle,Ember",
        "DE,Germany,3,2025,lifecycle", "DE,Germany,nan,2025,direct,Ember",
    ])
    func `a damaged row is an error that names it`(row: String) {
        let error = #expect(throws: CarbonError.self) {
            try GridTable(csv: "code,name,gco2e_per_kwh,year,basis,source\nFR,France,41,2025,lifecycle,Ember\n\(row)\n")
        }
        #expect(error?.code == .damagedTable)
        #expect(error?.problem.contains("Row 3") == true)
    }
}
