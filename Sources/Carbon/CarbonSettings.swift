/// What the user said about carbon, kept with the run; unset values are `nil` and resolved later.
public struct CarbonSettings: Sendable, Codable, Hashable {
    /// A code of the table of grids, as `DE` or `US-CA`.
    public var zone: String?
    /// Whether ``zone`` follows only from the system's time zone.
    public var zoneAssumed: Bool
    /// Power usage effectiveness: facility energy over IT energy, at least 1.
    public var pue: Double?
    /// Stands for hardware that no sensor sees; 1 where nobody said otherwise.
    public var unmeasuredFactor: Double

    /// Settings; the arguments are the properties of the same names.
    public init(zone: String? = nil, zoneAssumed: Bool = false, pue: Double? = nil, unmeasuredFactor: Double = 1) {
        self.zone = zone
        self.zoneAssumed = zoneAssumed
        self.pue = pue
        self.unmeasuredFactor = unmeasuredFactor
    }
}
