public import Quantities

/// Whether an intensity is that of the mean kilowatt-hour or of one more; the two answer different questions.
public enum IntensityKind: String, Sendable, Codable, Hashable {
    /// What the mean kilowatt-hour emits: for footprints.
    case average
    /// What one more or less emits: for the consequences of shifting load.
    case marginal
}

/// Grams per kilowatt-hour with all that a reader needs to believe them.
public struct Intensity: Sendable, Codable, Hashable {
    /// One interval of a time series, as far as a run was in it.
    public struct Part: Sendable, Codable, Hashable {
        /// Its ends, seconds since 1970 (UTC).
        public var from: Int64
        public var to: Int64
        /// The fraction of the run's joules that fell into it, 0 to 1.
        public var share: Double
        public var value: GramsPerKilowattHour

        /// A part; the arguments are the properties of the same names.
        public init(from: Int64, to: Int64, share: Double, value: GramsPerKilowattHour) {
            self.from = from
            self.to = to
            self.share = share
            self.value = value
        }
    }

    /// The figure; of a time series the mean over its intervals, weighted by the run's joules.
    public var value: GramsPerKilowattHour
    /// Publisher and edition, contract, or who said it.
    public var source: String
    /// The year that it speaks of.
    public var year: Int?
    public var basis: CarbonBasis
    public var kind: IntensityKind
    /// Relative standard uncertainty; ``intensityUncertainty`` where nobody said.
    public var uncertainty: Double?
    /// The intervals behind ``value``; `nil` for a constant.
    public var parts: [Part]?
    /// Where it was fetched, without any key, and when, in microseconds since 1970 (UTC); `nil` for what was not.
    public var url: String?
    public var fetchedAt: Int64?
    /// What is to be known about it: estimated, forecast, held beyond the last published interval.
    public var note: String?

    /// An intensity; the arguments are the properties of the same names.
    public init(
        value: GramsPerKilowattHour,
        source: String,
        year: Int? = nil,
        basis: CarbonBasis = .unstated,
        kind: IntensityKind = .average,
        uncertainty: Double? = nil,
        parts: [Part]? = nil,
        url: String? = nil,
        fetchedAt: Int64? = nil,
        note: String? = nil
    ) {
        self.value = value
        self.source = source
        self.year = year
        self.basis = basis
        self.kind = kind
        self.uncertainty = uncertainty
        self.parts = parts
        self.url = url
        self.fetchedAt = fetchedAt
        self.note = note
    }
}

/// Who publishes intensities as they are.
public struct LiveSource: Sendable, Codable, Hashable {
    /// The publisher.
    public enum Service: String, Sendable, Codable, Hashable, CaseIterable {
        /// Electricity Maps: average, life-cycle, hourly.
        case electricityMaps = "electricity-maps"
        /// The Carbon Intensity API of Great Britain's system operator: average, direct, half-hourly.
        case gb
        /// WattTime: marginal, direct, by default every five minutes.
        case wattTime = "watttime"
    }

    public var service: Service
    /// The service's own name of the region; `nil` where it follows from the zone or is the whole grid.
    public var region: String?

    /// A source; the arguments are the properties of the same names.
    public init(service: Service, region: String? = nil) {
        self.service = service
        self.region = region
    }

    /// Reads `electricity-maps`, `gb`, `watttime`, each with an optional region: `gb:13`, `watttime:CAISO_NORTH`.
    public init?(_ text: String) {
        let words = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let word = words.first, let service = Service(rawValue: word.lowercased()) else { return nil }
        if words.count > 1, words[1].isEmpty { return nil }
        self.init(service: service, region: words.count > 1 ? words[1] : nil)
    }
}
