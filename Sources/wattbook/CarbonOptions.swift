public import ArgumentParser
public import Carbon
import Ledger
import Metering
import Quantities
import Sites

/// How grams are computed, where the user says so.
struct CarbonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A centre's profile for every factor that is not given, a name of `wattbook site` or a file (default: "
                + "$WATTBOOK_SITE for new runs).",
            valueName: "name|file"
        )
    )
    var site: String?

    @Option(
        help: ArgumentHelp(
            "Grid zone, as DE or SE-SE3 (default: $WATTBOOK_ZONE, else the time zone's country).",
            valueName: "code"
        )
    )
    var zone: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Facility energy over IT energy, at least 1.", valueName: "factor")
    )
    var pue: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Stands for hardware that no sensor sees, apart from the PUE, at least 1.",
            valueName: "factor"
        )
    )
    var unmeasuredFactor: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Location-based grid intensity in place of the zone's.", valueName: "g/kWh")
    )
    var intensity: Double?

    @Option(help: ArgumentHelp("Who publishes the intensity (or the series), with its edition.", valueName: "text"))
    var intensitySource: String?

    @Option(help: ArgumentHelp("The year that the intensity speaks of.", valueName: "year")) var intensityYear: Int?

    @Option(help: ArgumentHelp("What it counts: life-cycle or direct (default: unstated).", valueName: "basis"))
    var intensityBasis: CarbonBasis?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Its relative standard uncertainty (default: 0.1).", valueName: "fraction")
    )
    var intensityUncertainty: Double?

    @Option(
        help: ArgumentHelp(
            "Hourly or half-hourly intensities as CSV: time,g/kWh or from,to,g/kWh, times as RFC 3339.",
            valueName: "file"
        )
    )
    var intensitySeries: String?

    @Option(
        help: ArgumentHelp(
            "Ask electricity-maps, gb or watttime through curl, each with a region after a colon, as gb:13.",
            valueName: "source"
        )
    )
    var live: LiveSource?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Intensity by contract, shown beside the grid's.", valueName: "g/kWh")
    )
    var marketIntensity: Double?

    @Option(help: ArgumentHelp("The contract or certificate.", valueName: "text")) var marketSource: String?

    @OptionGroup var embodied: EmbodiedOptions

    mutating func validate() throws {
        for (text, owner, name) in [
            (intensitySource, intensity != nil || intensitySeries != nil, "--intensity-source"),
            (intensityBasis?.rawValue, intensity != nil || intensitySeries != nil, "--intensity-basis"),
            (intensityYear.map { "\($0)" }, intensity != nil, "--intensity-year"),
            (intensityUncertainty.map { "\($0)" }, intensity != nil, "--intensity-uncertainty"),
            (marketSource, marketIntensity != nil, "--market-source"),
        ] where text != nil && !owner {
            throw ValidationError("\(name) needs the figure that it speaks of. Give the intensity too.")
        }
    }

    /// What the options say by themselves.
    var said: CarbonSettings {
        get throws {
            CarbonSettings(
                zone: zone,
                pue: pue,
                unmeasuredFactor: unmeasuredFactor ?? 1,
                unmeasuredSource: unmeasuredFactor == nil ? nil : "given by the user",
                intensity: intensity.map {
                    Carbon.Intensity(
                        value: GramsPerKilowattHour($0),
                        source: intensitySource ?? "given by the user",
                        year: intensityYear,
                        basis: intensityBasis ?? .unstated,
                        uncertainty: intensityUncertainty
                    )
                },
                marketIntensity: marketIntensity.map {
                    Carbon.Intensity(value: GramsPerKilowattHour($0), source: marketSource ?? "given by the user")
                },
                series: intensitySeries,
                seriesSource: intensitySeries == nil ? nil : intensitySource,
                seriesBasis: intensitySeries == nil ? nil : intensityBasis,
                live: live,
                embodied: try embodied.embodied
            )
        }
    }

    /// The settings that stand with a new run: option, plan, site profile, environment, the time zone's country.
    ///
    /// - Parameter path: The plan's file, from whose folder its own profile is named.
    func settings(
        host: Host,
        plan: CarbonSettings = CarbonSettings(),
        path: String? = nil
    ) throws -> CarbonSettings {
        let profile: Site? =
            if let site {
                try siteProfile(site)
            } else if let name = plan.site {
                try siteProfile(name, configuredIn: path)
            } else {
                try environment(Self.siteVariable).map { try siteProfile($0, configuredIn: "$\(Self.siteVariable)") }
            }
        let settings = try CarbonSettings.resolve(
            option: said,
            plan: plan,
            site: profile?.carbonSettings() ?? CarbonSettings(),
            environment: environment(CarbonSettings.zoneVariable).map { [CarbonSettings.zoneVariable: $0] } ?? [:],
            country: host.country
        ).pinned()
        try settings.checkSources()
        return settings
    }

    /// The environment variable that names a site profile for new runs.
    static let siteVariable = "WATTBOOK_SITE"

    /// Some settings with what the options say in its place; `nil` where they say nothing.
    ///
    /// A site stands for the place as a whole: nothing of another place stays beside it.
    func change(_ old: CarbonSettings) throws -> CarbonSettings? {
        let said = try said
        if let site {
            let profile = try siteProfile(site).carbonSettings()
            let settings = try CarbonSettings.resolve(option: said, site: profile, environment: [:], country: nil)
                .pinned()
            try settings.checkSources()
            return settings
        }
        guard said != CarbonSettings() else { return nil }
        try said.validate()
        try said.checkOneSource()
        var settings = old
        if said.zone != nil || said.intensity != nil || said.series != nil || said.live != nil {
            (settings.intensity, settings.series, settings.live) = (said.intensity, said.series, said.live)
            (settings.seriesSource, settings.seriesBasis) = (said.seriesSource, said.seriesBasis)
        }
        if let zone = said.zone {
            (settings.zone, settings.zoneAssumed) = (try GridTable.standard().zone(zone).code, false)
        } else if settings.zoneAssumed, said.intensity != nil || said.series != nil {
            (settings.zone, settings.zoneAssumed) = (nil, false)
        }
        if let pue = said.pue { (settings.pue, settings.pueYear, settings.pueSource) = (pue, nil, nil) }
        if let factor = unmeasuredFactor {
            (settings.unmeasuredFactor, settings.unmeasuredSource) = (factor, said.unmeasuredSource)
        }
        settings.marketIntensity = said.marketIntensity ?? settings.marketIntensity
        settings.embodied = said.embodied ?? settings.embodied
        settings = try settings.pinned()
        try settings.checkSources()
        return settings
    }

    /// Refuses to ask a live source for a command that writes nothing: what it says has to be kept.
    func refuseLive() throws {
        guard live != nil else { return }
        throw Failure(
            .usage,
            "What a live source says is kept in the ledger, and this command writes none.",
            remedy: "Make the account first: wattbook account RUN --live."
        )
    }
}

extension LiveSource: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension CarbonBasis: ExpressibleByArgument {}
