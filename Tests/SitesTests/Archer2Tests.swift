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
    private func kilograms(_ grams: GramsCO2e?) -> String {
        grams.map { decimal($0.value / 1000, places: 3) } ?? "none"
    }

    @Test("A: one job of 64 nodes")
    func oneJob() throws {
        let use = FacilityAccount.Use(
            nodes: 64,
            time: Seconds(870),
            energy: Joules(7.740 * joulesPerKilowattHour),
            intensity: GramsPerKilowattHour(7.0)
        )
        let account = try #require(FacilityAccount(of: use, at: site, nodeType: node))
        #expect(decimal(account.nodeHours, places: 3) == "15.467")
        #expect(kilowattHours(account.nodeEnergy) == "7.740")
        #expect(kilowattHours(account.otherHardware) == "1.161")
        #expect(kilowattHours(account.overhead) == "0.890")
        #expect(kilowattHours(account.energy) == "9.791")
        #expect(kilograms(account.market) == "0.000")
        #expect(kilograms(account.embodied) == "0.217")
        #expect(kilograms(account.totalMarket) == "0.217")
        #expect(kilograms(account.location) == "0.069")
        // Rounded lines would give 0.286.
        #expect(kilograms(account.totalLocation) == "0.285")
    }

    /// The guide prints the sums of 42 jobs and no single job; two stand-ins carry the same sums, and the intensity of
    /// the second is what the printed location-based line asks for.
    @Test("B: a user's month")
    func oneMonth() throws {
        let whole = Joules(347.596 * joulesPerKilowattHour)
        let first = FacilityAccount.Use(
            nodes: 1,
            time: Seconds(847.795 * 3600 / 2),
            energy: whole * 0.25,
            intensity: GramsPerKilowattHour(2.0)
        )
        var second = first
        second.energy = whole * 0.75
        second.intensity = GramsPerKilowattHour((32.255 / 439.709 * 1000 - 0.25 * 2.0) / 0.75)
        let accounts = try [first, second].map { try #require(FacilityAccount(of: $0, at: site, nodeType: node)) }
        let month = FacilityAccount(adding: accounts)
        #expect(decimal(month.nodeHours, places: 3) == "847.795")
        #expect(kilowattHours(month.nodeEnergy) == "347.596")
        #expect(kilowattHours(month.otherHardware) == "52.139")
        #expect(kilowattHours(month.overhead) == "39.974")
        #expect(kilowattHours(month.energy) == "439.709")
        #expect(kilograms(month.market) == "0.000")
        #expect(kilograms(month.embodied) == "11.869")
        #expect(kilograms(month.location) == "32.255")
        #expect(kilograms(month.totalLocation) == "44.124")
    }

    @Test("a job whose energy Slurm does not know takes 0.41 kW a node")
    func noEnergy() throws {
        let use = FacilityAccount.Use(nodes: 64, time: Seconds(870), energy: nil)
        let account = try #require(FacilityAccount(of: use, at: site, nodeType: node))
        #expect(kilowattHours(account.nodeEnergy) == decimal(64 * 870 / 3600 * 0.41, places: 3))
        #expect(account.estimatedEnergy == account.nodeEnergy)
        #expect(account.location == nil, "no intensity was given, and none is made up")
        #expect(FacilityAccount(of: use, at: site, nodeType: nil) == nil)
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
