/// What the user, the plan or the site said about carbon, kept with the run; unset values are `nil` and resolved later.
public struct CarbonSettings: Sendable, Codable, Hashable {
    /// A code of the table of grids, as `DE` or `US-CA`.
    public var zone: String?
    /// Whether ``zone`` follows only from the system's time zone.
    public var zoneAssumed: Bool
    /// Power usage effectiveness: facility energy over IT energy, at least 1.
    public var pue: Double?
    /// The year of ``pue`` and who publishes it.
    public var pueYear: Int?
    public var pueSource: String?
    /// Stands for hardware that no sensor sees; 1 where nobody said otherwise.
    public var unmeasuredFactor: Double
    /// Who gives ``unmeasuredFactor``.
    public var unmeasuredSource: String?
    /// The location-based intensity, in place of the zone's in the table.
    public var intensity: Intensity?
    /// The market-based intensity: of the contract, not of the grid.
    public var marketIntensity: Intensity?
    /// A file with a time series of the location-based intensity.
    public var series: String?
    /// Who publishes ``series``, and what its figures count.
    public var seriesSource: String?
    public var seriesBasis: CarbonBasis?
    /// Where the location-based intensity is fetched.
    public var live: LiveSource?
    /// `nil` where nobody gave the hardware's carbon.
    public var embodied: Embodied?
    /// The name of the site profile that values come from; of a plan, what it calls the profile.
    public var site: String?

    /// Settings; the arguments are the properties of the same names.
    public init(
        zone: String? = nil,
        zoneAssumed: Bool = false,
        pue: Double? = nil,
        pueYear: Int? = nil,
        pueSource: String? = nil,
        unmeasuredFactor: Double = 1,
        unmeasuredSource: String? = nil,
        intensity: Intensity? = nil,
        marketIntensity: Intensity? = nil,
        series: String? = nil,
        seriesSource: String? = nil,
        seriesBasis: CarbonBasis? = nil,
        live: LiveSource? = nil,
        embodied: Embodied? = nil,
        site: String? = nil
    ) {
        self.zone = zone
        self.zoneAssumed = zoneAssumed
        self.pue = pue
        self.pueYear = pueYear
        self.pueSource = pueSource
        self.unmeasuredFactor = unmeasuredFactor
        self.unmeasuredSource = unmeasuredSource
        self.intensity = intensity
        self.marketIntensity = marketIntensity
        self.series = series
        self.seriesSource = seriesSource
        self.seriesBasis = seriesBasis
        self.live = live
        self.embodied = embodied
        self.site = site
    }
}
