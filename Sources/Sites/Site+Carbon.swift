public import Carbon
internal import Quantities

extension Site {
    /// What the profile says of carbon, each value with its source; what it leaves open stays unset.
    ///
    /// - Parameter type: The nodes whose manufacture counts; `nil`: the site's figure, else that of its only type.
    public func carbonSettings(nodeType type: NodeType? = nil) -> CarbonSettings {
        let only = nodeTypes.count == 1 ? nodeTypes.first : nil
        return CarbonSettings(
            zone: zone,
            pue: pue?.value,
            pueYear: pue?.provenance.year.flatMap { Int($0) },
            pueSource: pue.map { cited($0.provenance) },
            unmeasuredFactor: unmeasuredFactor?.value ?? 1,
            unmeasuredSource: unmeasuredFactor.map { cited($0.provenance) },
            intensity: locationIntensity.map(intensity),
            marketIntensity: marketIntensity.map(intensity),
            embodied: embodied(of: type ?? only).map {
                Embodied(gramsPerNodeHour: $0.value.value, source: cited($0.provenance))
            },
            site: name
        )
    }

    private func cited(_ provenance: Provenance) -> String { "\(provenance.citation) (site profile \(name))" }

    private func intensity(_ figure: Sourced<Intensity>) -> Carbon.Intensity {
        Carbon.Intensity(
            value: figure.value.value,
            source: cited(figure.provenance),
            year: figure.provenance.year.flatMap { Int($0) },
            basis: CarbonBasis(rawValue: figure.value.basis.rawValue) ?? .unstated,
            note: figure.provenance.note
        )
    }
}
