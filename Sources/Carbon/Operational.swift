public import Quantities

/// Relative standard uncertainty of a static yearly grid factor, without its spread over the day (a default of ours).
public let intensityUncertainty = 0.10

/// Relative standard uncertainty of a PUE that was given (a default of ours).
public let pueUncertainty = 0.03

/// The location-based grams of some joules; `nil` where the settings name no zone.
///
/// Grams are joules × unmeasured factor × PUE × intensity. Relative standard uncertainties of energy, PUE (where
/// given) and intensity add in quadrature, and the result is expanded with k = 2 (GUM, JCGM 100:2008, 5.1.6).
/// - Parameters:
///   - joules: Energy of the run.
///   - uncertainty: Its expanded uncertainty (95 %); where `nil`, that part is missing from the result.
///   - settings: Zone, PUE and factor; throws for an unknown zone and for factors below 1.
public func carbonAccount(
    joules: Joules,
    uncertainty: Joules?,
    settings: CarbonSettings
) throws(CarbonError) -> CarbonAccount? {
    try settings.validate()
    guard let name = settings.zone else { return nil }
    let zone = try GridTable.standard().zone(name)
    let pue = settings.pue ?? 1
    let gramsPerJoule = (Joules(1) * zone.intensity) * (pue * settings.unmeasuredFactor)
    let grams = gramsPerJoule * joules.value
    // Absolute, so that zero joules keep the uncertainty of their reading.
    let fromEnergy = gramsPerJoule.value * (uncertainty?.value ?? 0) / 2
    let fromPUE = settings.pue == nil ? 0 : grams.value * pueUncertainty
    let fromIntensity = grams.value * intensityUncertainty
    let standard = (fromEnergy * fromEnergy + fromPUE * fromPUE + fromIntensity * fromIntensity).squareRoot()
    return CarbonAccount(
        account: "location",
        operational: grams,
        embodied: nil,
        total: grams,
        uncertainty: GramsCO2e(2 * standard),
        intensity: zone.intensity,
        intensityUncertainty: intensityUncertainty,
        intensitySource: zone.citation,
        zone: zone.code,
        zoneName: zone.name,
        zoneAssumed: settings.zoneAssumed,
        year: zone.year,
        basis: zone.basis.rawValue,
        pue: pue,
        pueGiven: settings.pue != nil,
        unmeasuredFactor: settings.unmeasuredFactor
    )
}
