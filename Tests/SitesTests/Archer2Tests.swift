import Carbon
import Quantities
import Sites
import Testing

/// The worked examples that ARCHER2 publishes, to the last printed digit.
///
/// Source: ARCHER2-HPC/archer2-docs @7a5396d4, docs/user-guide/energy.md.
@Suite("ARCHER2's worked examples")
struct Archer2Tests {
    let site: Site
    let node: NodeType

    init() throws {
        site = try SiteCatalogue(folders: []).find("archer2").site
        node = try #require(site.nodeType("standard"))
    }

    private func kilowattHours(_ energy: Joules) -> String { decimal(energy.value / joulesPerKilowattHour, places: 3) }
    private func kilograms(_ grams: GramsCO2e) -> String { decimal(grams.value / 1000, places: 3) }

    /// Location-based, then market-based, under the profile with the grid's intensity when the job began.
    private func accounts(nodeHours: Double, kilowattHours: Double, intensity: Double) throws -> [CarbonAccount] {
        var settings = site.carbonSettings(nodeType: node)
        settings.intensity = Carbon.Intensity(value: GramsPerKilowattHour(intensity), source: "South Scotland")
        return try carbonAccounts(
            joules: Joules(kilowattHours * joulesPerKilowattHour),
            uncertainty: nil,
            duration: Seconds(nodeHours * 3600),
            settings: settings
        )
    }

    @Test("A: one job of 64 nodes")
    func oneJob() throws {
        let hours = 64.0 * 870 / 3600
        #expect(decimal(hours, places: 3) == "15.467")
        let both = try accounts(nodeHours: hours, kilowattHours: 7.740, intensity: 7.0)
        #expect(both.map(\.account) == [CarbonAccount.location, CarbonAccount.market])
        for account in both {
            let lines = try [account.measured, account.unmeasured, account.overhead].map { try #require($0) }
            #expect(lines.map(kilowattHours) == ["7.740", "1.161", "0.890"])
            #expect(kilowattHours(lines.reduce(.zero, +)) == "9.791")
            #expect(account.embodied.map(kilograms) == "0.217")
        }
        #expect(kilograms(both[0].operational) == "0.069")
        // Rounded lines would give 0.286.
        #expect(kilograms(both[0].total) == "0.285")
        #expect(kilograms(both[1].operational) == "0.000")
        #expect(kilograms(both[1].total) == "0.217")
    }

    /// The guide prints the sums of 42 jobs and no single job; two stand-ins carry the same sums, and the intensity of
    /// the second is what the printed location-based line asks for.
    @Test("B: a user's month")
    func oneMonth() throws {
        let second = (32.255 / 439.709 * 1000 - 0.25 * 2.0) / 0.75
        let jobs = try [
            accounts(nodeHours: 847.795 / 2, kilowattHours: 347.596 * 0.25, intensity: 2.0),
            accounts(nodeHours: 847.795 / 2, kilowattHours: 347.596 * 0.75, intensity: second),
        ]
        let energy = { (line: KeyPath<CarbonAccount, Joules?>) in
            kilowattHours(jobs.compactMap { $0[0][keyPath: line] }.reduce(.zero, +))
        }
        #expect([energy(\.measured), energy(\.unmeasured), energy(\.overhead)] == ["347.596", "52.139", "39.974"])
        let location = jobs.map { $0[0] }
        #expect(kilograms(location.map(\.operational).reduce(.zero, +)) == "32.255")
        #expect(kilograms(location.compactMap(\.embodied).reduce(.zero, +)) == "11.869")
        #expect(kilograms(location.map(\.total).reduce(.zero, +)) == "44.124")
        #expect(kilograms(jobs.map { $0[1].operational }.reduce(.zero, +)) == "0.000")
    }

    @Test("every factor of an account names the profile and where the profile has it from")
    func sources() throws {
        let settings = site.carbonSettings()
        #expect(settings.zone == "GB" && settings.site == "archer2" && settings.intensity == nil)
        #expect(settings.pue == 1.1 && settings.unmeasuredFactor == 1.15 && settings.embodied?.gramsPerNodeHour == 14)
        #expect(settings.marketIntensity?.value == .zero && settings.marketIntensity?.basis == .unstated)
        for source in [
            settings.pueSource, settings.unmeasuredSource, settings.marketIntensity?.source, settings.embodied?.source,
        ] {
            #expect(source?.contains("docs/user-guide/energy.md, read 2026-11-23") == true)
            #expect(source?.hasSuffix("(site profile archer2)") == true)
        }
        let alps = try SiteCatalogue(folders: []).find("alps").site.carbonSettings()
        #expect(alps.pue == nil && alps.embodied == nil && alps.unmeasuredSource == nil, "what is absent stays unset")
    }

    @Test("the published 14 g are taken, not the quotient they come from")
    func embodied() throws {
        let grams = try #require(site.embodiedPerNodeHour)
        #expect(grams.value.value == 14)
        #expect(decimal(4_400_000_000 / (5860 * 6 * 365 * 24) * 15.467 / 1000, places: 3) == "0.221")
    }

    @Test("1 CU is one node-hour, of 128 cores")
    func unit() throws {
        let units = try #require(site.unitsPerNodeHour(of: node))
        #expect(units.factor == 1 && units.unit == "CU")
        #expect(units.conversion?.provenance.read == "2026-11-23")
        #expect(node.cores == 128)
    }
}
