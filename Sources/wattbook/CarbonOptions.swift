import ArgumentParser
import Carbon
import Experiments
import Ledger
import Metering

/// How grams are computed, where the user says so.
struct CarbonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Grid zone, as DE or SE-SE3 (default: $WATTBOOK_ZONE, else the time zone's country).",
            valueName: "code"
        )
    )
    var zone: String?

    @Option(help: ArgumentHelp("Facility energy over IT energy, at least 1.", valueName: "factor"))
    var pue: Double?

    /// The settings that stand with a new run: option, then plan, then the environment, then the time zone's country.
    func settings(host: Host, plan: CarbonSettings = CarbonSettings()) throws -> CarbonSettings {
        try CarbonSettings.resolve(
            option: CarbonSettings(zone: zone, pue: pue),
            plan: plan,
            environment: environment(CarbonSettings.zoneVariable).map { [CarbonSettings.zoneVariable: $0] } ?? [:],
            country: host.country
        )
    }

    /// The accounts of a run, under its own settings unless an option overrides them.
    func accounts(of run: RunRecord) throws -> [CarbonAccount] {
        var settings = run.start.carbon
        if let zone { (settings.zone, settings.zoneAssumed) = (zone, false) }
        if let pue { settings.pue = pue }
        return try run.accounts(settings)
    }
}

extension RunRecord {
    /// The grams of the run's joules under some settings; none where either is unknown.
    func accounts(_ settings: CarbonSettings) throws -> [CarbonAccount] {
        guard let total = end?.account.total, let joules = total.joules else { return [] }
        return try carbonAccount(joules: joules, uncertainty: total.uncertainty, settings: settings).map { [$0] } ?? []
    }
}
