/// A layer of the default net and what it costs for one image; convolutions count their normalisation in.
public struct NetLayer: Sendable, Hashable {
    /// What a layer does.
    public enum Kind: String, Sendable {
        case convolution = "convolution 3x3"
        case pooling = "max pooling 2x2"
        case up = "transposed convolution 2x2"
        case head = "convolution 1x1"
    }

    /// Name as in a checkpoint, for example `encoder.0.conv1`.
    public var name: String
    /// What it does.
    public var kind: Kind
    /// Channels that it reads.
    public var inputs: Int
    /// Channels that it writes.
    public var outputs: Int
    /// Side of its output in pixels.
    public var side: Int
    /// Trainable parameters.
    public var parameters: Int
    /// Multiply-accumulates of the forward pass.
    public var forwardMacs: Int
    /// Multiply-accumulates of the backward pass: gradients of weights and, but for the image, of the input.
    public var backwardMacs: Int

    /// Whether a primitive runs for this layer.
    public func owns(_ primitive: Primitive) -> Bool {
        primitive.layer == name || primitive.layer.hasPrefix("\(name).")
    }

    /// Bytes of the activations that it leaves.
    ///
    /// In training a 3x3 convolution keeps its own output and the normalised one; int8 infers, and keeps neither:
    /// there the transposed convolution's output is joined with the skip. Logits are fp32 throughout.
    public func activationBytes(_ precision: Precision) -> Int {
        let values = outputs * side * side
        if kind == .head { return values * 4 }
        switch precision {
        case .int8: return kind == .up ? values * 3 : values
        case .fp32: return kind == .convolution ? values * 8 : values * 4
        case .bf16, .fp16: return kind == .convolution ? values * 4 : values * 2
        }
    }
}

extension NetConfiguration {
    /// The layers on square images of `size` pixels, in the order of the forward pass.
    public func layers(size: Int) -> [NetLayer] {
        var layers: [NetLayer] = []
        func add(_ name: String, _ kind: NetLayer.Kind, _ inputs: Int, _ outputs: Int, _ side: Int, weights: Int) {
            // Scale and shift of the normalisation; or a bias.
            let others = kind == .convolution ? 2 * outputs : kind == .pooling ? 0 : outputs
            // Every output pixel of a transposed convolution sees one input pixel: a quarter of its taps.
            let macs = weights * side * side / (kind == .up ? 4 : 1)
            layers.append(
                NetLayer(
                    name: name,
                    kind: kind,
                    inputs: inputs,
                    outputs: outputs,
                    side: side,
                    parameters: weights == 0 ? 0 : weights + others,
                    forwardMacs: macs,
                    backwardMacs: layers.isEmpty ? macs : 2 * macs
                )
            )
        }
        func block(_ name: String, _ inputs: Int, _ outputs: Int, _ side: Int) {
            add("\(name).conv1", .convolution, inputs, outputs, side, weights: 9 * inputs * outputs)
            add("\(name).conv2", .convolution, outputs, outputs, side, weights: 9 * outputs * outputs)
        }
        for level in 0...depth {
            let (channels, side) = (channels(level), size >> level)
            block("encoder.\(level)", level == 0 ? 1 : channels / 2, channels, side)
            if level < depth { add("pool.\(level)", .pooling, channels, channels, side / 2, weights: 0) }
        }
        for level in (0..<depth).reversed() {
            let (channels, side) = (channels(level), size >> level)
            add("up.\(level)", .up, 2 * channels, channels, side, weights: 8 * channels * channels)
            block("decoder.\(level)", 2 * channels, channels, side)
        }
        add("head", .head, filters, 1, size, weights: filters)
        return layers
    }
}
