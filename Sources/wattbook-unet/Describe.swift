internal import ArgumentParser
internal import UNet

/// `wattbook-unet describe`: what a net costs before it is trained.
struct Describe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the layers, parameters, multiplications and activations of a net."
    )

    @OptionGroup var net: NetOptions
    @Option(help: "Side of the square input in pixels.")
    var size = 256
    @Flag(help: "Print one JSON document on standard output.")
    var json = false

    func run() throws {
        let shape = try net.configuration()
        try check(size: size, depth: shape.depth)
        var description = NetDescription(shape, size: size)
        if let preset = net.preset {
            (description.preset, description.warnings) = (preset.rawValue, [preset.warning])
            printError("warning: \(preset.warning)")
        }
        if json { try printJSON(description) } else { try printOutput(description.table) }
    }
}

/// The layers of the default net and their cost for one image.
struct NetDescription: Encodable {
    /// A layer with weights: convolutions count their batch normalisation in.
    struct Layer: Encodable {
        var name: String
        var kind: String
        var inputs: Int
        var outputs: Int
        /// Side of its output in pixels.
        var side: Int
        var parameters: Int
        /// Multiply-accumulates of the forward pass, for one image.
        var macs: Int
    }

    var schema = "wattbook.unet.net/1"
    @OrNull var preset: String?
    var warnings: [String] = []
    var filters: Int
    var depth: Int
    var size: Int
    var parameters: Int
    /// Multiply-accumulates of the forward pass, for one image.
    var forwardMacs: Int
    /// Floating-point operations of a training step, for one image: forward, and two products as large backward.
    var trainingFlop: Int
    /// Bytes that one image's activations take in a training step, kept for the backward pass.
    var activationBytesFp32: Int
    var activationBytesBf16: Int
    var layers: [Layer]

    /// Counts the net of interface "default net" on square images of `size` pixels.
    init(_ net: NetConfiguration, size: Int) {
        filters = net.filters
        depth = net.depth
        self.size = size
        layers = Self.layers(net, size: size)
        parameters = layers.reduce(0) { $0 + $1.parameters }
        forwardMacs = layers.reduce(0) { $0 + $1.macs }
        trainingFlop = forwardMacs * 6
        // A 3x3 convolution keeps its own output and the normalised one; pooled images are kept beside them.
        let kept = layers.reduce(0) { $0 + $1.outputs * $1.side * $1.side * ($1.kind == "convolution 3x3" ? 2 : 1) }
        let pooled = (0..<net.depth).reduce(0) { $0 + (net.filters << $1) * (size >> ($1 + 1)) * (size >> ($1 + 1)) }
        activationBytesFp32 = (kept + pooled) * 4
        activationBytesBf16 = (kept + pooled) * 2
    }

    private static func layers(_ net: NetConfiguration, size: Int) -> [Layer] {
        var layers: [Layer] = []
        func block(_ name: String, _ inputs: Int, _ outputs: Int, _ side: Int) {
            for (index, channels) in [inputs, outputs].enumerated() {
                let weights = 9 * channels * outputs
                // Scale and shift of the batch normalisation.
                layers.append(
                    Layer(
                        name: "\(name).conv\(index + 1)",
                        kind: "convolution 3x3",
                        inputs: channels,
                        outputs: outputs,
                        side: side,
                        parameters: weights + 2 * outputs,
                        macs: weights * side * side
                    )
                )
            }
        }
        for level in 0...net.depth {
            block("encoder.\(level)", level == 0 ? 1 : net.filters << (level - 1), net.filters << level, size >> level)
        }
        for level in (0..<net.depth).reversed() {
            let (channels, side) = (net.filters << level, size >> level)
            // Every output pixel of a 2x2 stride-2 transposed convolution sees one input pixel.
            layers.append(
                Layer(
                    name: "up.\(level)",
                    kind: "transposed convolution 2x2",
                    inputs: 2 * channels,
                    outputs: channels,
                    side: side,
                    parameters: 8 * channels * channels + channels,
                    macs: 2 * channels * channels * side * side
                )
            )
            block("decoder.\(level)", 2 * channels, channels, side)
        }
        layers.append(
            Layer(
                name: "head",
                kind: "convolution 1x1",
                inputs: net.filters,
                outputs: 1,
                side: size,
                parameters: net.filters + 1,
                macs: net.filters * size * size
            )
        )
        return layers
    }

    /// The layers in columns, and the sums.
    var table: String {
        func pad(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        let head = pad("layer", 18) + pad("kind", 28) + right("channels", 14) + right("side", 6)
        var lines = [head + right("parameters", 12) + right("MMAC", 10)]
        for layer in layers {
            lines.append(
                pad(layer.name, 18) + pad(layer.kind, 28) + right("\(layer.inputs) -> \(layer.outputs)", 14)
                    + right("\(layer.side)", 6) + right("\(layer.parameters)", 12)
                    + right(fixed(Double(layer.macs) / 1e6, 2), 10)
            )
        }
        lines += [
            "",
            "parameters         \(parameters)",
            "forward            \(fixed(Double(forwardMacs) / 1e9, 3)) GMAC an image",
            "training           \(fixed(Double(trainingFlop) / 1e9, 3)) GFLOP an image",
            "activations        \(fixed(Double(activationBytesFp32) / 1_048_576, 1)) MiB an image in fp32, "
                + "\(fixed(Double(activationBytesBf16) / 1_048_576, 1)) in bf16",
        ]
        return lines.joined(separator: "\n")
    }
}
