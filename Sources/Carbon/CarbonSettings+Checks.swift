internal import Quantities

extension CarbonSettings {
    /// Throws for a factor, intensity or embodied carbon that cannot be.
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
        try intensity?.validate(as: "grid intensity", option: "--intensity 320")
        try marketIntensity?.validate(as: "market-based intensity", option: "--market-intensity 0")
        try embodied?.validate()
    }

    /// Throws where one layer, as the options or a plan, gives the grid's intensity more than once.
    public func checkOneSource() throws(CarbonError) {
        let sources = [intensity != nil, series != nil, live != nil]
        guard sources.count(where: { $0 }) <= 1 else {
            throw CarbonError(
                code: .severalSources,
                problem: "The grid intensity is given more than once.",
                remedy: "Choose one of --intensity, --intensity-series and --live."
            )
        }
    }
}

extension Intensity {
    /// Throws for a figure below 0, above what any fuel emits, or no number.
    func validate(as name: String, option: String) throws(CarbonError) {
        guard value.value >= 0, value.value <= 5000 else {
            throw CarbonError(
                code: .invalidIntensity,
                problem: "A \(name) of \(value.value) gCO2e/kWh is not possible: it lies between 0 and 5000.",
                remedy: "Give grams per kilowatt-hour, as \(option)."
            )
        }
        if let uncertainty, !(uncertainty >= 0 && uncertainty <= 1) {
            throw CarbonError(
                code: .invalidIntensity,
                problem: "A relative uncertainty of \(uncertainty) for the \(name) is not possible.",
                remedy: "Give a standard uncertainty as a fraction from 0 to 1, as 0.1."
            )
        }
    }

    /// The yearly mean of a row of the table of grids.
    init(_ zone: GridZone) {
        self.init(value: zone.intensity, source: zone.citation, year: zone.year, basis: zone.basis)
    }
}

extension Embodied {
    /// Throws for a mass below 0, a life that is none and a share above the whole.
    func validate() throws(CarbonError) {
        if let grams = gramsPerNodeHour, !(grams >= 0 && grams.isFinite) {
            throw Self.impossible("\(grams) g CO2e a node-hour", "Give grams, 0 or more, as --embodied-rate 14.")
        }
        for item in items {
            guard item.kilograms >= 0, item.kilograms.isFinite else {
                throw Self.impossible(
                    "\(item.kilograms) kg CO2e for the \(item.name)",
                    "Give kilograms, 0 or more, as --embodied-node 1300."
                )
            }
            guard item.lifetimeYears > 0, item.lifetimeYears.isFinite else {
                throw Self.impossible(
                    "a life of \(item.lifetimeYears) years for the \(item.name)",
                    "Give years above 0, as --embodied-lifetime 4."
                )
            }
            guard item.share > 0, item.share <= 1 else {
                throw Self.impossible(
                    "a share of \(item.share) of the \(item.name)",
                    "Give reserved over all resources, above 0 and at most 1, as --embodied-share 0.5."
                )
            }
        }
        if let uncertainty, !(uncertainty >= 0 && uncertainty <= 1) {
            throw Self.impossible("a relative uncertainty of \(uncertainty)", "Give a fraction from 0 to 1, as 0.3.")
        }
    }

    private static func impossible(_ what: String, _ remedy: String) -> CarbonError {
        CarbonError(
            code: .invalidEmbodied,
            problem: "Embodied carbon cannot be computed from \(what).",
            remedy: remedy
        )
    }
}
