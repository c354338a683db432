internal import ArgumentParser
internal import UNet

/// `wattbook-unet describe`: what a net costs before it is trained, and what would compute it.
struct Describe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what runs for each layer of a net, its parameters, multiplications and activations."
    )

    @OptionGroup var net: NetOptions
    @OptionGroup var engine: EngineOptions
    @Option(help: "Images in a step; the counts are for one image.")
    var batch = 1
    @Option(help: "The net's input in pixels, as 256 for a square (default) or 512x256, rows first.")
    var size: ImageSize?
    @Flag(help: "Print one JSON document on standard output.")
    var json = false

    func run() throws {
        var options = TrainingOptions()
        options.net = try net.configuration()
        let size = size ?? net.preset?.size ?? 256
        try check(size: size, depth: options.net.depth)
        try check("--batch", batch, in: 1...65_536)
        options.batch = batch
        options.size = size
        try engine.prepare()
        try engine.apply(to: &options)
        options.isTraining = options.precision != .int8
        try options.check()
        try Memory.check(MemoryEstimate(options, copies: 0), limit: engine.memoryLimit)
        var description = NetDescription(options, try numerics(options))
        description.warnings += engine.warnings
        if let preset = net.preset {
            description.preset = preset.rawValue
            description.warnings.append(preset.warning)
        }
        for warning in description.warnings { printError("warning: \(warning)") }
        if json { try printJSON(description) } else { try printOutput(description.table) }
    }

    /// What the built net would compute with; no image is needed for it.
    private func numerics(_ options: TrainingOptions) throws(UNetError) -> Numerics {
        guard options.precision == .int8 else { return try Trainer(options).numerics }
        // Which primitives there are does not depend on values: a small net's image of one gray calibrates.
        var exact = options
        (exact.precision, exact.batch) = (.fp32, 1)
        let state = try Trainer(exact).state
        let gray = [Float](repeating: 0.5, count: options.size.pixels)
        return try QuantizedNet(options, state: state, calibration: gray).numerics
    }
}

/// The layers of a net, their cost for one image, and what computes them.
struct NetDescription: Encodable {
    /// A layer; convolutions count their batch normalisation in.
    struct Layer: Encodable {
        var name: String
        var kind: String
        var inputs: Int
        var outputs: Int
        /// Rows and columns of its output; `side` is the rows.
        var side: Int
        var width: Int
        /// What it computes with; the type that its activations are stored in follows from the net's precision.
        var precision: String
        var parameters: Int
        var activationBytes: Int
        /// Multiply-accumulates of the forward pass, for one image.
        var macs: Int
        var backwardMacs: Int
        /// What runs for it, pass by pass: the implementations of the library, or `loop`.
        var implementations: [String: [String]]
        /// The same of a convolution's normalisation, where it is not folded in.
        var normalization: [String: [String]]
    }

    var schema = "wattbook.unet.net/1"
    @OrNull var preset: String?
    var filters: Int
    var depth: Int
    var architecture: String
    /// Rows and columns of the input; `size` is the rows.
    var size: Int
    var width: Int
    var batch: Int
    var engine: String
    var precision: String
    var requestedPrecision: String
    var arithmetic: String
    var algorithm: String
    var parameters: Int
    /// Multiply-accumulates for one image.
    var forwardMacs: Int
    var backwardMacs: Int
    /// Floating-point operations of a training step for one image, two for each multiply-accumulate; 0 in int8.
    var trainingFlop: Int
    /// Bytes that one image's activations take: in training all are kept for the backward pass.
    var activationBytes: Int
    var layers: [Layer]
    var warnings: [String]

    /// Counts the net and lists what `numerics` found for it.
    init(_ options: TrainingOptions, _ numerics: Numerics) {
        (filters, depth, batch) = (options.net.filters, options.net.depth, options.batch)
        (architecture, size, width) = (options.net.architecture.rawValue, options.size.height, options.size.width)
        (engine, requestedPrecision) = (options.engine.rawValue, options.precision.rawValue)
        (precision, arithmetic) = (numerics.precision.rawValue, numerics.arithmetic)
        (algorithm, warnings) = (numerics.algorithm.rawValue, numerics.warnings)
        let costs = options.net.layers(size: options.size)
        layers = costs.map { cost in
            let own = numerics.primitives.filter(cost.owns)
            var types: [String] = []
            for primitive in own where !types.contains(primitive.arithmetic.rawValue) {
                types.append(primitive.arithmetic.rawValue)
            }
            return Layer(
                name: cost.name,
                kind: cost.kind.rawValue,
                inputs: cost.inputs,
                outputs: cost.outputs,
                side: cost.size.height,
                width: cost.size.width,
                precision: types.joined(separator: "+"),
                parameters: cost.parameters,
                activationBytes: cost.activationBytes(numerics.precision, engine: options.engine),
                macs: cost.forwardMacs,
                // int8 infers: there is no backward pass.
                backwardMacs: numerics.precision == .int8 ? 0 : cost.backwardMacs,
                implementations: Self.passes(own),
                normalization: Self.passes(numerics.primitives.filter(cost.normalizes))
            )
        }
        parameters = layers.reduce(0) { $0 + $1.parameters }
        forwardMacs = layers.reduce(0) { $0 + $1.macs }
        backwardMacs = layers.reduce(0) { $0 + $1.backwardMacs }
        trainingFlop = backwardMacs == 0 ? 0 : 2 * (forwardMacs + backwardMacs)
        activationBytes = layers.reduce(0) { $0 + $1.activationBytes }
    }

    private static func passes(_ primitives: [Primitive]) -> [String: [String]] {
        Dictionary(grouping: primitives, by: \.pass.key).mapValues { $0.map(\.implementation) }
    }

    /// The layers in columns, and the sums.
    var table: String {
        let widths = [17, 28, 12, 9, 11, 11, 9, 9, 9]
        func row(_ cells: [String]) -> String {
            zip(cells, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: max(1, cell.1 - cell.0.count))
                return column < 2 ? cell.0 + space : space + cell.0
            }.joined()
        }
        let head = ["layer", "kind", "channels", "size", "precision", "parameters", "KiB", "MMAC fwd", "MMAC bwd"]
        var lines = [row(head) + "  implementation"]
        for layer in layers {
            let cells = [
                layer.name, layer.kind, "\(layer.inputs) -> \(layer.outputs)",
                "\(ImageSize(height: layer.side, width: layer.width))", layer.precision,
                "\(layer.parameters)", fixed(Double(layer.activationBytes) / 1024, 0),
                fixed(Double(layer.macs) / 1e6, 2), fixed(Double(layer.backwardMacs) / 1e6, 2),
            ]
            let normalization = layer.normalization.isEmpty ? "" : "; norm \(names(layer.normalization))"
            lines.append(row(cells) + "  " + names(layer.implementations) + normalization)
        }
        lines += [
            "",
            "precision          \(precision) (\(arithmetic)), \(engine) \(algorithm)",
            "parameters         \(parameters)",
            "forward            \(fixed(Double(forwardMacs) / 1e9, 3)) GMAC an image",
            "backward           \(fixed(Double(backwardMacs) / 1e9, 3)) GMAC an image",
            "training           \(fixed(Double(trainingFlop) / 1e9, 3)) GFLOP an image",
            "activations        \(fixed(Double(activationBytes) / 1_048_576, 1)) MiB an image",
        ]
        return lines.joined(separator: "\n")
    }

    /// What runs in the passes of a layer: one name where all have the same, else pass by pass.
    private func names(_ implementations: [String: [String]]) -> String {
        let passes = ["forward", "inference", "backward_data", "backward_weights", "backward"]
        let named = passes.compactMap { pass in implementations[pass].map { (pass, unique($0)) } }
        let names = Set(named.map(\.1))
        if names.count == 1, let name = names.first { return name }
        return named.map { "\($0.0.replacing("backward_", with: "")) \($0.1)" }.joined(separator: ", ")
    }

    private func unique(_ names: [String]) -> String {
        var seen: [String] = []
        for name in names where !seen.contains(name) { seen.append(name) }
        return seen.joined(separator: "+")
    }
}

extension Primitive.Pass {
    /// The pass as a key of JSON.
    fileprivate var key: String { rawValue.replacing(" ", with: "_") }
}
