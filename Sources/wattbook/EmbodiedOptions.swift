import ArgumentParser
import Carbon

/// The carbon of making the hardware, where the user says it.
struct EmbodiedOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A built-in figure, as dell-r740 or archer2.", valueName: "name"))
    var embodiedPreset: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Embodied carbon of a node-hour, grams.", valueName: "grams")
    )
    var embodiedRate: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Embodied carbon of a node, without what stands beside it, kg.", valueName: "kg")
    )
    var embodiedNode: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Embodied carbon of all processors of a node together, kg.", valueName: "kg")
    )
    var embodiedCpu: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Embodied carbon of all GPUs of a node together, kg.", valueName: "kg")
    )
    var embodiedGpu: Double?

    @Option(parsing: .unconditional, help: ArgumentHelp("How long they live, years (default: 4).", valueName: "years"))
    var embodiedLifetime: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Reserved over all resources of the node (default: 1).", valueName: "fraction")
    )
    var embodiedShare: Double?

    @Option(help: ArgumentHelp("Who publishes the figures.", valueName: "text")) var embodiedSource: String?

    mutating func validate() throws {
        let ways = [embodiedPreset != nil, embodiedRate != nil, !parts.isEmpty]
        guard ways.count(where: { $0 }) <= 1 else {
            throw ValidationError(
                "Embodied carbon is given more than once. Choose a preset, a rate, or the parts of a node."
            )
        }
        guard embodiedLifetime == nil && embodiedShare == nil || !parts.isEmpty else {
            throw ValidationError(
                "--embodied-lifetime and --embodied-share speak of kilograms. Give --embodied-node, -cpu or -gpu too."
            )
        }
    }

    private var parts: [(String, Double)] {
        [("node", embodiedNode), ("cpu", embodiedCpu), ("gpu", embodiedGpu)]
            .compactMap { name, mass in mass.map { (name, $0) } }
    }

    /// What the options say; `nil` where nothing.
    var embodied: Embodied? {
        get throws {
            let source = embodiedSource ?? "given by the user"
            if let embodiedPreset { return try Embodied.preset(embodiedPreset) }
            if let embodiedRate { return Embodied(gramsPerNodeHour: embodiedRate, source: source) }
            guard !parts.isEmpty else { return nil }
            return Embodied(
                items: parts.map { name, mass in
                    Embodied.Item(
                        name: name,
                        kilograms: mass,
                        lifetimeYears: embodiedLifetime ?? Embodied.standardLifetime,
                        share: embodiedShare ?? 1,
                        source: source
                    )
                }
            )
        }
    }
}
