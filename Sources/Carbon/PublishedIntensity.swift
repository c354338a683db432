/// One interval as a live source published it, as it is kept.
public struct PublishedIntensity: Sendable, Codable, Hashable {
    public var source: LiveSource
    public var interval: IntensitySeries.Interval
    public var basis: CarbonBasis
    public var kind: IntensityKind
    /// Whether the source may still change it: a forecast, an estimate.
    public var isProvisional: Bool
    /// What was asked, without any key.
    public var url: String
    /// When, microseconds since 1970 (UTC).
    public var fetchedAt: Int64

    /// A published interval; the arguments are the properties of the same names.
    public init(
        source: LiveSource,
        interval: IntensitySeries.Interval,
        basis: CarbonBasis,
        kind: IntensityKind,
        isProvisional: Bool,
        url: String,
        fetchedAt: Int64
    ) {
        self.source = source
        self.interval = interval
        self.basis = basis
        self.kind = kind
        self.isProvisional = isProvisional
        self.url = url
        self.fetchedAt = fetchedAt
    }
}

extension IntensitySeries {
    /// How long the first and last published figure stand for time beside them, s: sources lag by an hour or so.
    public static let reachOfPublished: Int64 = 7200

    /// The mean over a run of what was published; `joules` gives those of each window, where they are known.
    ///
    /// Throws where the intervals leave a gap in the run or end more than ``reachOfPublished`` short of it.
    public static func mean(
        of published: [PublishedIntensity],
        over run: Range<Int64>,
        joules: ([Window]) throws -> [Double]?
    ) throws -> Intensity {
        // A gap matters only where the run is.
        let sorted = published.sorted { $0.interval.from < $1.interval.from }
        let begin = sorted.lastIndex { $0.interval.from * 1_000_000 <= run.lowerBound } ?? 0
        let end = sorted.firstIndex { $0.interval.to * 1_000_000 >= run.upperBound } ?? sorted.count - 1
        let near = sorted.isEmpty ? [] : Array(sorted[begin...max(begin, end)])
        guard let first = near.first else {
            throw fault("The live source has no figure for the time of the run.", "Try again later, or name a --zone.")
        }
        let name = first.source.service.title
        let series = try IntensitySeries(near.map(\.interval), name: name)
        let windows = try series.windows(of: run, reach: reachOfPublished)
        let used = near.filter { one in windows.contains { $0.interval == one.interval } }
        var mean = mean(
            of: windows,
            joules: windows.count > 1 ? try joules(windows) : nil,
            source: name,
            basis: first.basis,
            kind: first.kind
        )
        var notes = [mean.note].compactMap(\.self)
        if used.contains(where: \.isProvisional) { notes.append("forecast or estimated by its publisher") }
        if windows.contains(where: { !($0.interval.from * 1_000_000...$0.interval.to * 1_000_000).contains($0.time) }) {
            notes.append("the nearest published figure stands for time that is not published yet")
        }
        mean.note = notes.isEmpty ? nil : notes.joined(separator: "; ")
        mean.url = used.first?.url ?? first.url
        mean.fetchedAt = used.map(\.fetchedAt).max() ?? first.fetchedAt
        return mean
    }
}

extension ClosedRange<Int64> {
    fileprivate func contains(_ other: Range<Int64>) -> Bool {
        lowerBound <= other.lowerBound && other.upperBound <= upperBound
    }
}

extension LiveSource.Service {
    /// The publisher's name.
    public var title: String {
        switch self {
        case .electricityMaps: "Electricity Maps"
        case .gb: "Carbon Intensity API (NESO, CC-BY-4.0)"
        case .wattTime: "WattTime"
        }
    }
}
