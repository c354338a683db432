public import Quantities

/// Grams of CO2e of some joules under one accounting rule, with every factor that made them.
public struct CarbonAccount: Sendable, Codable, Hashable {
    /// By the grid where the machine stands.
    public static let location = "location"
    /// By the contract that its owner has.
    public static let market = "market"

    /// ``location`` or ``market``; the two answer different questions and are never summed.
    public var account: String
    public var operational: GramsCO2e
    /// `nil` where nobody gave the node's embodied carbon.
    public var embodied: GramsCO2e?
    public var total: GramsCO2e
    /// Expanded uncertainty (95 %) of the total.
    public var uncertainty: GramsCO2e
    public var intensity: GramsPerKilowattHour
    /// Relative standard uncertainty of the intensity.
    public var intensityUncertainty: Double
    /// Publisher and edition.
    public var intensitySource: String
    public var zone: String
    public var zoneName: String
    public var zoneAssumed: Bool
    /// The year that the intensity speaks of.
    public var year: Int?
    /// `life-cycle`, `direct` or `unstated`; they are never compared.
    public var basis: String
    public var pue: Double
    /// Whether ``pue`` was given; 1.0 stands for IT only.
    public var pueGiven: Bool
    /// Stands for hardware that no sensor sees, apart from ``pue``.
    public var unmeasuredFactor: Double
    /// `average` or `marginal`; the two are never compared.
    public var kind = IntensityKind.average.rawValue
    /// The joules that sensors saw (or a model gave).
    public var measured: Joules?
    /// The joules that ``unmeasuredFactor`` adds.
    public var unmeasured: Joules?
    /// The joules that ``pue`` adds to both.
    public var overhead: Joules?
    public var pueYear: Int?
    public var pueSource: String?
    public var unmeasuredSource: String?
    public var embodiedSource: String?
    /// The intervals behind the intensity; `nil` for a constant.
    public var parts: [Intensity.Part]?
    /// Where the intensity was fetched, and when, microseconds since 1970 (UTC).
    public var url: String?
    public var fetchedAt: Int64?
    /// What is to be known about the intensity.
    public var note: String?
    /// The site profile that the factors are from.
    public var site: String?
    /// When the account was made, microseconds since 1970 (UTC), where that was after the run's own.
    public var madeAt: Int64?

    /// An account; the arguments are the properties of the same names.
    public init(
        account: String,
        operational: GramsCO2e,
        embodied: GramsCO2e?,
        total: GramsCO2e,
        uncertainty: GramsCO2e,
        intensity: GramsPerKilowattHour,
        intensityUncertainty: Double,
        intensitySource: String,
        zone: String,
        zoneName: String,
        zoneAssumed: Bool,
        year: Int?,
        basis: String,
        pue: Double,
        pueGiven: Bool,
        unmeasuredFactor: Double
    ) {
        self.account = account
        self.operational = operational
        self.embodied = embodied
        self.total = total
        self.uncertainty = uncertainty
        self.intensity = intensity
        self.intensityUncertainty = intensityUncertainty
        self.intensitySource = intensitySource
        self.zone = zone
        self.zoneName = zoneName
        self.zoneAssumed = zoneAssumed
        self.year = year
        self.basis = basis
        self.pue = pue
        self.pueGiven = pueGiven
        self.unmeasuredFactor = unmeasuredFactor
    }
}
