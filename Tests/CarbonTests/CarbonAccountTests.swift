import Carbon
import Quantities
import Testing

@Suite("Grams")
struct CarbonAccountTests {
    @Test func `a kilowatt-hour costs the grid's intensity`() throws {
        let settings = CarbonSettings(zone: "DE")
        let account = try #require(try carbonAccount(joules: Joules(3.6e6), uncertainty: nil, settings: settings))
        #expect(abs(account.operational.value - account.intensity.value) < 1e-9)
        #expect(account.total == account.operational)
        #expect(account.embodied == nil)
        #expect(abs(account.uncertainty.value - 0.2 * account.total.value) < 1e-9)
        #expect(account.basis == "life-cycle")
        #expect(account.account == "location")
        #expect(account.pue == 1 && !account.pueGiven && account.unmeasuredFactor == 1)
    }

    @Test func `factors multiply and uncertainties add in quadrature`() throws {
        let settings = CarbonSettings(zone: "fr", pue: 1.2, unmeasuredFactor: 1.15)
        let account = try #require(
            try carbonAccount(joules: Joules(7.2e6), uncertainty: Joules(7.2e5), settings: settings)
        )
        let grams = 2 * 1.2 * 1.15 * account.intensity.value
        #expect(abs(account.total.value - grams) < 1e-9)
        let relative = (0.05 * 0.05 + 0.03 * 0.03 + 0.1 * 0.1).squareRoot()
        #expect(abs(account.uncertainty.value - 2 * relative * grams) < 1e-9)
        #expect(account.zone == "FR" && account.pueGiven)
    }

    @Test func `no zone means no grams and a warning that tells how to name one`() throws {
        let settings = CarbonSettings()
        #expect(try carbonAccount(joules: Joules(1), uncertainty: nil, settings: settings) == nil)
        #expect(settings.warning?.contains("--zone") == true)
        #expect(CarbonSettings(zone: "DE").warning == nil)
        #expect(CarbonSettings(zone: "DE", zoneAssumed: true).warning?.contains("assumed") == true)
    }

    @Test(arguments: [0.99, 0, -1, .nan, .infinity]) func `impossible factors are errors`(factor: Double) {
        let pue = #expect(throws: CarbonError.self) {
            try carbonAccount(joules: Joules(1), uncertainty: nil, settings: CarbonSettings(zone: "DE", pue: factor))
        }
        #expect(pue?.code == .invalidPUE)
        let hidden = #expect(throws: CarbonError.self) {
            try CarbonSettings(zone: "DE", unmeasuredFactor: factor).validate()
        }
        #expect(hidden?.code == .invalidFactor)
    }
}

@Suite("Order of settings")
struct ResolutionTests {
    let environment = [CarbonSettings.zoneVariable: "pl"]

    @Test func `option, plan, variable, country, nothing`() throws {
        let option = CarbonSettings(zone: "de")
        let plan = CarbonSettings(zone: "FR", pue: 1.3)
        let first = try CarbonSettings.resolve(option: option, plan: plan, environment: environment, country: "SE")
        #expect(first == CarbonSettings(zone: "DE", pue: 1.3))
        #expect(try CarbonSettings.resolve(plan: plan, environment: environment, country: "SE").zone == "FR")
        #expect(try CarbonSettings.resolve(environment: environment, country: "SE").zone == "PL")
        let assumed = try CarbonSettings.resolve(environment: [:], country: "se")
        #expect(assumed == CarbonSettings(zone: "SE", zoneAssumed: true))
        #expect(try CarbonSettings.resolve(environment: [CarbonSettings.zoneVariable: ""], country: nil).zone == nil)
        // A country without a row is no zone and no error.
        #expect(try CarbonSettings.resolve(environment: [:], country: "CF").zone == nil)
    }

    @Test func `an option beats the plan's factors`() throws {
        let settings = try CarbonSettings.resolve(
            option: CarbonSettings(pue: 1.1),
            plan: CarbonSettings(pue: 1.5, unmeasuredFactor: 1.15),
            environment: [:],
            country: nil
        )
        #expect(settings.pue == 1.1 && settings.unmeasuredFactor == 1.15)
    }

    @Test func `errors of a plan are errors of configuration`() {
        let zone = #expect(throws: CarbonError.self) {
            try CarbonSettings.resolve(plan: CarbonSettings(zone: "Germny"), environment: [:], country: nil)
        }
        #expect(zone?.exitCode == 78)
        let pue = #expect(throws: CarbonError.self) {
            try CarbonSettings.resolve(plan: CarbonSettings(pue: 0.5), environment: [:], country: nil)
        }
        #expect(pue?.exitCode == 78)
        let option = #expect(throws: CarbonError.self) {
            try CarbonSettings.resolve(option: CarbonSettings(zone: "Germny"), environment: [:], country: nil)
        }
        #expect(option?.exitCode == 65)
    }
}
