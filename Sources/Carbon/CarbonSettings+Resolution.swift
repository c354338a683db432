extension CarbonSettings {
    /// The environment variable that names a zone.
    public static let zoneVariable = "WATTBOOK_ZONE"

    /// Settles what holds for a run: option, plan, site profile, `$WATTBOOK_ZONE`, the country of the time zone.
    ///
    /// Each speaks where those before it are silent. The country is marked as assumed, passed over where the table lacks it, and not asked where an intensity is given. Without any of them the zone
    /// stays `nil`: no grams, and ``warning`` says so. Throws for an unknown zone, a PUE below 1 and a factor below 1.
    public static func resolve(
        option: CarbonSettings = CarbonSettings(),
        plan: CarbonSettings = CarbonSettings(),
        site: CarbonSettings = CarbonSettings(),
        environment: [String: String],
        country: String?
    ) throws(CarbonError) -> CarbonSettings {
        let layers = [option, plan, site]
        // One with a source was said, though it be 1.
        let factor = layers.first { $0.unmeasuredFactor != 1 || $0.unmeasuredSource != nil }
        let overhead = layers.first { $0.pue != nil }
        var settings = CarbonSettings(
            pue: overhead?.pue,
            pueYear: overhead?.pueYear,
            pueSource: overhead?.pueSource,
            unmeasuredFactor: factor?.unmeasuredFactor ?? 1,
            unmeasuredSource: factor?.unmeasuredSource,
            marketIntensity: layers.compactMap(\.marketIntensity).first,
            embodied: layers.compactMap(\.embodied).first,
            site: site.site
        )
        // A zone that is said nearer takes the place of an intensity that is said farther away.
        if let grid = layers.first(where: \.saysIntensity) {
            (settings.intensity, settings.series, settings.live) = (grid.intensity, grid.series, grid.live)
            (settings.seriesSource, settings.seriesBasis) = (grid.seriesSource, grid.seriesBasis)
        }
        if let zone = option.zone {
            settings.zone = try GridTable.standard().zone(zone).code
        } else if let zone = plan.zone {
            settings.zone = try configured { () throws(CarbonError) in try GridTable.standard().zone(zone).code }
        } else if let zone = site.zone {
            settings.zone = zone
        } else if let zone = environment[zoneVariable], !zone.isEmpty {
            settings.zone = try configured { () throws(CarbonError) in try GridTable.standard().zone(zone).code }
        } else if settings.intensity == nil, settings.series == nil, let country,
            let zone = try GridTable.standard().zones.first(where: { $0.code == country.uppercased() })
        {
            settings.zone = zone.code
            settings.zoneAssumed = true
        }
        try option.validate()
        try option.checkOneSource()
        try configured { () throws(CarbonError) in
            try plan.checkOneSource()
            try settings.validate()
        }
        return settings
    }

    /// Whether anything here decides the location-based intensity.
    var saysIntensity: Bool { zone != nil || intensity != nil || series != nil || live != nil }

    /// The same with the zone's intensity written out, so that another edition of the table changes nothing later.
    public func pinned() throws(CarbonError) -> CarbonSettings {
        guard intensity == nil, let zone else { return self }
        var settings = self
        settings.intensity = Intensity(try GridTable.standard().zone(zone))
        return settings
    }

    /// What a reader must know of the zone; `nil` where the user named it.
    public var warning: String? {
        guard intensity == nil || zoneAssumed, series == nil else { return nil }
        guard let zone else {
            return "No grid is known, so no grams are given: name one with --zone, as in --zone DE, "
                + "or with $\(Self.zoneVariable)."
        }
        guard zoneAssumed else { return nil }
        return "The grid \(zone) is assumed from the system's time zone: name another with --zone."
    }
}

/// Errors of a plan and of the environment are errors of configuration.
private func configured<T>(_ body: () throws(CarbonError) -> T) throws(CarbonError) -> T {
    do {
        return try body()
    } catch {
        var error = error
        error.exitCode = 78
        throw error
    }
}
