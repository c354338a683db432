import Carbon
import Quantities
import Testing

@Suite("Embodied carbon, market and meaning")
struct EmbodiedTests {
    @Test func `the specification's example`() throws {
        // SCI 1.1: 1000 kg over 4 years, one hour of it: 28.5 g.
        let server = Embodied(items: [.init(name: "node", kilograms: 1000, lifetimeYears: 4, source: "SCI 1.1")])
        #expect(abs(server.gramsPerHour - 28.5) < 0.05)
        let accounts = try carbonAccounts(
            joules: Joules(0),
            uncertainty: nil,
            duration: Seconds(3600),
            settings: CarbonSettings(zone: "DE", embodied: server)
        )
        let account = try #require(accounts.first)
        #expect(account.embodied == GramsCO2e(1000.0 * 1000 / (4 * 8760)))
        #expect(account.operational == .zero && account.total == account.embodied)
        #expect(account.embodiedSource == "SCI 1.1")
        #expect(abs(account.uncertainty.value - 2 * 0.3 * account.total.value) < 1e-9)
    }

    @Test func `parts of a node add up, each with its share and life`() {
        let node = Embodied(items: [
            .init(name: "node", kilograms: 1313, lifetimeYears: 5, share: 0.5, source: "a"),
            .init(name: "gpu", kilograms: 600, lifetimeYears: 3, source: "b"),
            .init(name: "cpu", kilograms: 40, lifetimeYears: 5, share: 0.5, source: "a"),
        ])
        let expected = 1313e3 * 0.5 / 43_800 + 600e3 / 26_280 + 40e3 * 0.5 / 43_800
        #expect(abs(node.gramsPerHour - expected) < 1e-12)
        #expect(node.sources == "a; b")
    }

    @Test func `a site's rate is taken as it is printed`() throws {
        let archer = try Embodied.preset("ARCHER2")
        #expect(archer.gramsPerHour == 14)
        #expect(archer.sources.contains("ARCHER2"))
        #expect(try Embodied.presets().allSatisfy { !$0.embodied.sources.isEmpty && $0.embodied.gramsPerHour > 0 })
        let error = #expect(throws: CarbonError.self) { try Embodied.preset("dell-r74") }
        #expect(error?.description.contains("dell-r740,") == true && error?.exitCode == 65)
    }

    @Test func `both accounts stand side by side`() throws {
        let settings = CarbonSettings(
            zone: "DE",
            pue: 1.1,
            unmeasuredFactor: 1.15,
            marketIntensity: Intensity(value: GramsPerKilowattHour(0), source: "certificates"),
            embodied: Embodied(gramsPerNodeHour: 14, source: "site")
        )
        let accounts = try carbonAccounts(
            joules: Joules(3.6e6),
            uncertainty: nil,
            duration: Seconds(7200),
            settings: settings
        )
        #expect(accounts.map(\.account) == ["location", "market"])
        #expect(accounts[1].operational == .zero && accounts[1].total == GramsCO2e(28))
        #expect(abs(accounts[0].total.value - (329.65 * 1.1 * 1.15 + 28)) < 1e-9)
        // Hardware that no sensor sees is apart from the facility's overhead.
        let (seen, unseen) = (try #require(accounts[0].measured), try #require(accounts[0].unmeasured))
        #expect(abs(unseen.value - 0.15 * seen.value) < 1e-3)
        #expect(abs((accounts[0].overhead?.value ?? 0) - 0.1 * 1.15 * seen.value) < 1e-3)
        let rates = try CarbonRates(settings)
        #expect(rates.market == 0 && abs((rates.embodied ?? 0) * 7200 - 28) < 1e-12)
        #expect(abs((rates.location ?? 0) * 3.6e6 - accounts[0].operational.value) < 1e-9)
    }

    @Test func `life-cycle and direct, average and marginal are never compared`() throws {
        let (nation, state) = (CarbonSettings(zone: "US"), CarbonSettings(zone: "US-CA"))
        let error = try #require(CarbonSettings.conflict(among: [nation, state]))
        #expect(
            error.problem
                == "The intensity of US is life-cycle and that of US-CA is direct; the two are never compared."
        )
        #expect(error.exitCode == 65)
        #expect(CarbonSettings.conflict(among: [nation, CarbonSettings(zone: "DE"), CarbonSettings()]) == nil)
        let value = GramsPerKilowattHour(400)
        let average = CarbonSettings(intensity: Intensity(value: value, source: "a", basis: .direct))
        let marginal = CarbonSettings(intensity: Intensity(value: value, source: "b", basis: .direct, kind: .marginal))
        #expect(CarbonSettings.conflict(among: [average, marginal])?.problem.contains("is marginal") == true)
        let unstated = CarbonSettings(intensity: Intensity(value: value, source: "c"))
        #expect(CarbonSettings.conflict(among: [average, unstated])?.problem.contains("unstated") == true)
    }

    @Test func `hours of one series are one frame`() throws {
        let part = { (value: Double) in
            CarbonSettings(
                zone: "DE",
                intensity: Intensity(value: GramsPerKilowattHour(value), source: "f.csv", basis: .direct, parts: []),
                series: "f.csv"
            )
        }
        #expect(part(100).frame == part(200).frame && part(100) != part(200))
        #expect(CarbonSettings(zone: "DE").frame == CarbonSettings(zone: "DE", zoneAssumed: true).frame)
        #expect(CarbonSettings(zone: "DE").frame != CarbonSettings(zone: "FR").frame)
        #expect(try CarbonSettings(zone: "DE").pinned().frame == CarbonSettings(zone: "DE").frame)
    }

    @Test(arguments: [-1, .nan, .infinity, 6000]) func `an impossible intensity is an error`(value: Double) {
        let intensity = Intensity(value: GramsPerKilowattHour(value), source: "user")
        for settings in [CarbonSettings(intensity: intensity), CarbonSettings(marketIntensity: intensity)] {
            let error = #expect(throws: CarbonError.self) { try settings.validate() }
            #expect(error?.code == .invalidIntensity && error?.exitCode == 65)
        }
    }

    @Test(arguments: [(-1, 4, 1), (1, 0, 1), (1, 4, 0), (1, 4, 1.5), (.nan, 4, 1)] as [(Double, Double, Double)])
    func `impossible embodied carbon is an error`(kilograms: Double, years: Double, share: Double) {
        let item = Embodied.Item(name: "node", kilograms: kilograms, lifetimeYears: years, share: share, source: "s")
        let error = #expect(throws: CarbonError.self) {
            try CarbonSettings(embodied: Embodied(items: [item])).validate()
        }
        #expect(error?.code == .invalidEmbodied)
    }

    @Test func `one intensity has one source`() {
        let intensity = Intensity(value: GramsPerKilowattHour(300), source: "user")
        let error = #expect(throws: CarbonError.self) {
            try CarbonSettings.resolve(
                option: CarbonSettings(intensity: intensity, series: "f.csv"),
                environment: [:],
                country: nil
            )
        }
        #expect(error?.code == .severalSources)
    }

    @Test func `a nearer zone takes the place of a farther intensity`() throws {
        let plan = CarbonSettings(intensity: Intensity(value: GramsPerKilowattHour(300), source: "plan"))
        let named = try CarbonSettings.resolve(
            option: CarbonSettings(zone: "FR"),
            plan: plan,
            environment: [:],
            country: "DE"
        )
        #expect(named.intensity == nil && named.zone == "FR")
        let unnamed = try CarbonSettings.resolve(plan: plan, environment: [:], country: "DE")
        #expect(unnamed.intensity == plan.intensity && unnamed.zone == nil && unnamed.warning == nil)
    }

    @Test(
        arguments: [
            ("gb", LiveSource(service: .gb)), ("GB:13", LiveSource(service: .gb, region: "13")),
            ("watttime:CAISO_NORTH", LiveSource(service: .wattTime, region: "CAISO_NORTH")), ("gb:", nil),
            ("ember", nil),
        ] as [(String, LiveSource?)]
    )
    func `live sources are named with their region`(text: String, source: LiveSource?) {
        #expect(LiveSource(text) == source)
    }

    @Test func `equivalents are ranges with their source`() throws {
        let list = try Equivalent.list(GramsCO2e(1000), uncertainty: GramsCO2e(100))
        let car = try #require(list.first)
        #expect(car.unit == "km" && abs(car.low - 900 / 251) < 1e-9 && abs(car.high - 1100 / 175) < 1e-9)
        #expect(list.allSatisfy { $0.low <= $0.high && !$0.source.isEmpty })
        #expect(try Equivalent.list(GramsCO2e(1), uncertainty: GramsCO2e(2)).allSatisfy { $0.low == 0 })
    }
}
