extension Embodied {
    /// A published figure that is built into the program.
    public struct Preset: Sendable, Hashable {
        public var name: String
        public var embodied: Embodied
    }

    private static let embedded = Result { () throws(CarbonError) in
        var presets: [Preset] = []
        for row in try embeddedRows(PackageResources.embodied_presets_csv, columns: 5) {
            guard let value = Double(row[2]) else { continue }
            let years = Double(row[3])
            let embodied =
                years.map { life in
                    Embodied(items: [Item(name: row[1], kilograms: value, lifetimeYears: life, source: row[4])])
                } ?? Embodied(gramsPerNodeHour: value, source: row[4])
            presets.append(Preset(name: row[0], embodied: embodied))
        }
        return presets
    }

    /// Every preset, in the order of the table; each is of a make of server or of a site, none of a guess.
    public static func presets() throws(CarbonError) -> [Preset] { try embedded.get() }

    /// The preset of a name, whatever its case; the error names the three nearest ones.
    public static func preset(_ name: String) throws(CarbonError) -> Embodied {
        let presets = try presets()
        let wanted = normalised(name)
        if let found = presets.first(where: { $0.name == wanted }) { return found.embodied }
        let nearest = presets.map { (distance(wanted, $0.name), $0.name) }.sorted { $0 < $1 }.prefix(3).map(\.1)
        throw CarbonError(
            code: .unknownPreset,
            problem: "There is no preset “\(name)” of embodied carbon.",
            remedy:
                "The nearest are \(nearest.joined(separator: ", ")); or give --embodied-node and --embodied-lifetime."
        )
    }
}
