public import Carbon
public import Metering

/// The location-based grams of an energy reading; `nil` where it holds no joules or the settings name no zone.
///
/// See `carbonAccount(joules:uncertainty:settings:)` for the formula; throws for an unknown zone and factors below 1.
public func carbonAccount(
    energy: EnergyReading,
    settings: CarbonSettings
) throws(CarbonError) -> CarbonAccount? {
    guard let joules = energy.joules else { return nil }
    return try carbonAccount(joules: joules, uncertainty: energy.uncertainty, settings: settings)
}
