public import Quantities

/// Relative standard uncertainty of a grid factor whose giver says none (a default of ours).
public let intensityUncertainty = 0.10

/// Relative standard uncertainty of a PUE that was given (a default of ours).
public let pueUncertainty = 0.03

/// Relative standard uncertainty of embodied carbon whose giver says none (a default of ours).
///
/// Two methods for one machine, ARCHER2's, lie apart by a factor of 1.6.
public let embodiedUncertainty = 0.30

/// The location-based grams of some joules; `nil` where the settings name neither zone nor intensity.
///
/// The first of ``carbonAccounts(joules:uncertainty:duration:settings:)``, without embodied carbon.
public func carbonAccount(
    joules: Joules,
    uncertainty: Joules?,
    settings: CarbonSettings
) throws(CarbonError) -> CarbonAccount? {
    try carbonAccounts(joules: joules, uncertainty: uncertainty, duration: nil, settings: settings)
        .first { $0.account == CarbonAccount.location }
}

/// The grams of some joules under every rule that the settings allow: location-based, then market-based.
///
/// Operational grams are joules × unmeasured factor × PUE × intensity; embodied ones are the hours × the node's grams an
/// hour, the same in both accounts, which therefore never are summed. Relative standard uncertainties of energy, PUE
/// (where given), intensity and embodied carbon add in quadrature, and the result is expanded with k = 2 (GUM, JCGM
/// 100:2008, 5.1.6).
/// - Parameters:
///   - joules: Energy of the run.
///   - uncertainty: Its expanded uncertainty (95 %); where `nil`, that part is missing from the result.
///   - duration: How long the node was reserved; where `nil`, no embodied carbon is given.
///   - settings: Every factor; throws for an unknown zone and for values that cannot be.
public func carbonAccounts(
    joules: Joules,
    uncertainty: Joules?,
    duration: Seconds?,
    settings: CarbonSettings
) throws(CarbonError) -> [CarbonAccount] {
    try settings.validate()
    let zone: GridZone? =
        if let name = settings.zone { try GridTable.standard().zone(name) } else { nil }
    let location = settings.intensity ?? zone.map { Intensity($0) }
    var accounts: [CarbonAccount] = []
    for (name, intensity) in [(CarbonAccount.location, location), (CarbonAccount.market, settings.marketIntensity)] {
        guard let intensity else { continue }
        accounts.append(
            CarbonAccount(
                name,
                joules: joules,
                uncertainty: uncertainty,
                duration: duration,
                intensity: intensity,
                zone: zone,
                settings: settings
            )
        )
    }
    return accounts
}

extension CarbonAccount {
    fileprivate init(
        _ name: String,
        joules: Joules,
        uncertainty: Joules?,
        duration: Seconds?,
        intensity: Intensity,
        zone: GridZone?,
        settings: CarbonSettings
    ) {
        let pue = settings.pue ?? 1
        let factor = settings.unmeasuredFactor
        let gramsPerJoule = (Joules(1) * intensity.value) * (pue * factor)
        let grams = gramsPerJoule * joules.value
        let embodied = duration.flatMap { time in
            settings.embodied.map { GramsCO2e($0.gramsPerHour * time.value / 3600) }
        }
        let relative = intensity.uncertainty ?? Carbon.intensityUncertainty
        let parts = [
            // Absolute, so that zero joules keep the uncertainty of their reading.
            gramsPerJoule.value * (uncertainty?.value ?? 0) / 2,
            settings.pue == nil ? 0 : grams.value * pueUncertainty,
            grams.value * relative,
            (embodied?.value ?? 0) * (settings.embodied?.uncertainty ?? embodiedUncertainty),
        ]
        self.init(
            account: name,
            operational: grams,
            embodied: embodied,
            total: embodied.map { grams + $0 } ?? grams,
            uncertainty: GramsCO2e(2 * parts.reduce(0) { $0 + $1 * $1 }.squareRoot()),
            intensity: intensity.value,
            intensityUncertainty: relative,
            intensitySource: intensity.source,
            zone: zone?.code ?? "",
            zoneName: zone?.name ?? (name == CarbonAccount.market ? "the contract" : "the intensity given"),
            zoneAssumed: settings.zoneAssumed,
            year: intensity.year,
            basis: intensity.basis.rawValue,
            pue: pue,
            pueGiven: settings.pue != nil,
            unmeasuredFactor: factor
        )
        kind = intensity.kind.rawValue
        measured = joules
        unmeasured = joules * (factor - 1)
        overhead = joules * (factor * (pue - 1))
        pueYear = settings.pueYear
        pueSource = settings.pueSource
        unmeasuredSource = settings.unmeasuredSource
        embodiedSource = embodied == nil ? nil : settings.embodied?.sources
        self.parts = intensity.parts
        url = intensity.url
        fetchedAt = intensity.fetchedAt
        note = intensity.note
        site = settings.site
    }
}
