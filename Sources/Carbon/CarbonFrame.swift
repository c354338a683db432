internal import Quantities

extension CarbonSettings {
    /// What has to agree before grams of two runs are set against each other.
    ///
    /// Of a time series that is its source, not the hour in which a run happened to be.
    public var frame: CarbonSettings {
        var frame = (try? pinned()) ?? self
        frame.zoneAssumed = false
        if frame.intensity?.parts != nil {
            frame.intensity?.value = .zero
            frame.intensity?.parts = []
            frame.intensity?.year = nil
            frame.intensity?.url = nil
            frame.intensity?.fetchedAt = nil
            frame.intensity?.note = nil
        }
        return frame
    }

    /// Why grams under these settings must never be compared, whatever their zones; `nil` where they may.
    ///
    /// Life-cycle figures count fuel supply and construction and direct ones do not; an average and a marginal figure
    /// answer different questions (GHG Protocol, Scope 2 Guidance).
    public static func conflict(among settings: some Sequence<CarbonSettings>) -> CarbonError? {
        // In order, so that a sentence is the same every time.
        var seen: Set<CarbonSettings> = []
        let pinned = settings.filter { seen.insert($0).inserted }.compactMap { try? $0.pinned() }
        for path in [\CarbonSettings.intensity, \CarbonSettings.marketIntensity] {
            let known = pinned.compactMap { one in one[keyPath: path].map { (one, $0) } }
            guard let (first, one) = known.first,
                let (second, other) = known.first(where: { $0.1.basis != one.basis || $0.1.kind != one.kind })
            else { continue }
            let words =
                one.kind == other.kind
                ? (one.basis.rawValue, other.basis.rawValue) : (one.kind.rawValue, other.kind.rawValue)
            return CarbonError(
                code: .differentMeaning,
                problem:
                    "The intensity of \(first.gridName(one)) is \(words.0) and that of \(second.gridName(other)) is "
                    + "\(words.1); the two are never compared.",
                remedy: "Name one grid for both, as --zone DE or --intensity 320 --intensity-basis life-cycle."
            )
        }
        return nil
    }

    private func gridName(_ intensity: Intensity) -> String { zone ?? "“\(intensity.source)”" }
}

/// Grams a joule and grams a second under one setting: what a comparison of many runs needs of it.
public struct CarbonRates: Sendable, Hashable {
    /// Operational grams a joule by the grid and by the contract; `nil` where either is unknown.
    public var location: Double?
    public var market: Double?
    /// Embodied grams a second of a node; `nil` where nobody gave them.
    public var embodied: Double?

    /// The rates of some settings; throws as ``carbonAccounts(joules:uncertainty:duration:settings:)`` does.
    public init(_ settings: CarbonSettings) throws(CarbonError) {
        for account in try carbonAccounts(joules: .init(1), uncertainty: nil, duration: nil, settings: settings) {
            if account.account == CarbonAccount.market {
                market = account.operational.value
            } else {
                location = account.operational.value
            }
        }
        embodied = settings.embodied.map { $0.gramsPerHour / 3600 }
    }
}
