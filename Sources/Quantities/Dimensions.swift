/// Energy, in joules.
public enum Energy: Dimension {
    /// The joule.
    public static let symbol = "J"
}

/// Power, in watts.
public enum Power: Dimension {
    /// The watt.
    public static let symbol = "W"
}

/// Time, in seconds.
public enum Time: Dimension {
    /// The second.
    public static let symbol = "s"
}

/// Mass of greenhouse gases, in grams of CO2 equivalent.
public enum CarbonMass: Dimension {
    /// Grams of CO2 equivalent.
    public static let symbol = "gCO2e"
}

/// Greenhouse gases a unit of electricity, in grams of CO2 equivalent a kilowatt-hour.
public enum CarbonIntensity: Dimension {
    /// Grams of CO2 equivalent a kilowatt-hour, the unit in which grids are published.
    public static let symbol = "gCO2e/kWh"
}

public typealias Joules = Quantity<Energy>
public typealias Watts = Quantity<Power>
public typealias Seconds = Quantity<Time>
public typealias GramsCO2e = Quantity<CarbonMass>
public typealias GramsPerKilowattHour = Quantity<CarbonIntensity>

/// Joules in a kilowatt-hour.
public let joulesPerKilowattHour = 3.6e6

extension Quantity where D == Power {
    /// Power over a time is energy.
    @inlinable
    public static func * (lhs: Watts, rhs: Seconds) -> Joules { Joules(lhs.value * rhs.value) }
}

extension Quantity where D == Energy {
    /// Energy over the time that it took is mean power.
    @inlinable
    public static func / (lhs: Joules, rhs: Seconds) -> Watts { Watts(lhs.value / rhs.value) }

    /// Energy at a power lasts a time.
    @inlinable
    public static func / (lhs: Joules, rhs: Watts) -> Seconds { Seconds(lhs.value / rhs.value) }

    /// Energy from a grid of the given intensity costs a mass of CO2e.
    @inlinable
    public static func * (lhs: Joules, rhs: GramsPerKilowattHour) -> GramsCO2e {
        GramsCO2e(lhs.value / joulesPerKilowattHour * rhs.value)
    }
}

extension Quantity where D == Time {
    /// The time that a count of nanoseconds stands for.
    @inlinable
    public init(nanoseconds: Int64) { self.init(Double(nanoseconds) * 1e-9) }
}
