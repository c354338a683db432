extension CarbonSettings {
    /// The environment variable that names a zone.
    public static let zoneVariable = "WATTBOOK_ZONE"

    /// Settles what holds for a run: option before plan before `$WATTBOOK_ZONE` before the country of the time zone.
    ///
    /// The country is marked as assumed, and passed over where the table lacks it. Without any of them the zone
    /// stays `nil`: no grams, and ``warning`` says so. Throws for an unknown zone, a PUE below 1 and a factor below 1.
    public static func resolve(
        option: CarbonSettings = CarbonSettings(),
        plan: CarbonSettings = CarbonSettings(),
        environment: [String: String],
        country: String?
    ) throws(CarbonError) -> CarbonSettings {
        var settings = CarbonSettings(
            pue: option.pue ?? plan.pue,
            unmeasuredFactor: option.unmeasuredFactor == 1 ? plan.unmeasuredFactor : option.unmeasuredFactor
        )
        if let zone = option.zone {
            settings.zone = try GridTable.standard().zone(zone).code
        } else if let zone = plan.zone {
            settings.zone = try configured { () throws(CarbonError) in try GridTable.standard().zone(zone).code }
        } else if let zone = environment[zoneVariable], !zone.isEmpty {
            settings.zone = try configured { () throws(CarbonError) in try GridTable.standard().zone(zone).code }
        } else if let country,
            let zone = try GridTable.standard().zones.first(where: { $0.code == country.uppercased() })
        {
            settings.zone = zone.code
            settings.zoneAssumed = true
        }
        if option.pue == nil, plan.pue != nil {
            try configured { () throws(CarbonError) in try settings.validate() }
        } else {
            try settings.validate()
        }
        return settings
    }

    /// Throws where ``pue`` or ``unmeasuredFactor`` is below 1 or no finite number.
    public func validate() throws(CarbonError) {
        if let pue, !(pue >= 1 && pue <= 100) {
            throw CarbonError(
                code: .invalidPUE,
                problem:
                    "A PUE of \(pue) is not possible: a facility takes no less than its computers, and never a hundred times as much.",
                remedy: "Give facility energy over IT energy, 1 or more, as --pue 1.2."
            )
        }
        guard unmeasuredFactor >= 1, unmeasuredFactor.isFinite else {
            throw CarbonError(
                code: .invalidFactor,
                problem: "A factor of \(unmeasuredFactor) for hardware that no sensor sees is not possible.",
                remedy: "Give a factor of 1 or more, as 1.15."
            )
        }
    }

    /// What a reader must know of the zone; `nil` where the user named it.
    public var warning: String? {
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
