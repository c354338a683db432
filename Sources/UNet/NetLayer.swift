import COneDNN

/// A layer of a net and what it costs for one image; convolutions count their normalisation in.
public struct NetLayer: Sendable, Hashable {
    /// What a layer does.
    public enum Kind: String, Sendable {
        case convolution = "convolution 3x3"
        case pooling = "max pooling 2x2"
        case up = "transposed convolution 2x2"
        case repetition = "repeated pixels 2x2"
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
    /// Extent of its output.
    public var size: ImageSize
    /// Trainable parameters.
    public var parameters: Int
    /// Multiply-accumulates of the forward pass.
    public var forwardMacs: Int
    /// Multiply-accumulates of the backward pass: gradients of weights and, but for the image, of the input.
    public var backwardMacs: Int

    /// Whether a primitive runs for this layer, its normalisation left out.
    public func owns(_ primitive: Primitive) -> Bool {
        primitive.layer == name || primitive.layer.hasPrefix("\(name).")
    }

    /// Whether a primitive runs for this convolution's normalisation.
    public func normalizes(_ primitive: Primitive) -> Bool {
        kind == .convolution && primitive.layer == NetOperation.normalization(of: name)
    }

    /// Bytes of the activations that it leaves.
    ///
    /// In training a 3x3 convolution keeps its own output and the normalised one; int8 infers, and keeps neither:
    /// there what is brought up is joined with the skip. oneDNN pads channels to whole blocks, but not in int8. Logits
    /// are fp32 throughout.
    public func activationBytes(_ precision: Precision, engine: EngineKind) -> Int {
        if kind == .head { return outputs * size.pixels * 4 }
        let isPadded = engine == .onednn && precision != .int8
        let values = (isPadded ? Int(od_padded(Int32(outputs))) : outputs) * size.pixels
        switch precision {
        case .int8: return kind == .up || kind == .repetition ? values * 3 : values
        case .fp32: return kind == .convolution ? values * 8 : values * 4
        case .bf16, .fp16: return kind == .convolution ? values * 4 : values * 2
        }
    }
}

extension NetConfiguration {
    /// The layers on images of a size, in the order of the forward pass.
    public func layers(size: ImageSize) -> [NetLayer] {
        operations.map { operation in
            let size = size.halved(operation.level)
            let (inputs, outputs) = (operation.inputChannels, operation.channels)
            let (kind, weights, others): (NetLayer.Kind, Int, Int) =
                switch operation.kind {
                // Scale and shift of the normalisation.
                case .convolution: (.convolution, 9 * inputs * outputs, 2 * outputs)
                case .pooling: (.pooling, 0, 0)
                case .up: (.up, 4 * inputs * outputs, outputs)
                case .repetition: (.repetition, 0, 0)
                case .head(let hasBias): (.head, inputs * outputs, hasBias ? outputs : 0)
                }
            // Every output pixel of a transposed convolution sees one input pixel: a quarter of its taps.
            let macs = weights * size.pixels / (kind == .up ? 4 : 1)
            return NetLayer(
                name: operation.name,
                kind: kind,
                inputs: inputs,
                outputs: outputs,
                size: size,
                parameters: weights + others,
                forwardMacs: macs,
                // The image needs no gradient.
                backwardMacs: operation.inputs.isEmpty ? macs : 2 * macs
            )
        }
    }
}
