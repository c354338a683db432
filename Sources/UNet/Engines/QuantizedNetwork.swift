import COneDNN

/// A net in int8 over oneDNN, for inference: channels last, u8 activations behind ReLU.
///
/// Normalisation is folded into the convolutions. A product is `acc * step[c]`, where the scales of the input's
/// channels are part of the weights before these are rounded: so skip and upsampled channels keep scales of their own.
/// A transposed convolution
/// has no ReLU behind it and is s8, and with it what is joined. The head is fp32.
@safe
final class QuantizedNetwork: InferenceNetwork {
    let images: UnsafeMutablePointer<Float>
    let logits: UnsafeMutablePointer<Float>
    var primitives: [Primitive] { plan.primitives }

    /// An activation with what one of its units is worth, channel by channel.
    private struct Activation {
        var buffer: Buffer
        var scales: [Float]
        var size: ImageSize
        var isSigned = false
    }

    private let plan: OneDNNPlan
    private let batch: Int
    private let weights: FoldedWeights
    private let calibration: Calibration
    private var steps: [OneDNNPlan.Step] = []

    /// Quantises the net's parameters to the calibrated ranges.
    init(
        _ options: TrainingOptions,
        _ parameters: NetParameters,
        _ policy: PrecisionPolicy,
        _ calibration: Calibration
    ) throws(UNetError) {
        let size = options.size
        plan = try OneDNNPlan(policy, largest: 0, threads: options.threads)
        batch = options.batch
        weights = FoldedWeights(parameters)
        self.calibration = calibration
        let pixels = batch * size.pixels
        unsafe images = try plan.buffer(bytes: pixels * 4).floats
        unsafe logits = try plan.buffer(bytes: pixels * 4).floats

        // Images from 0 have all 8 bits above it; others share them between both sides.
        let isSigned = calibration.isSigned
        let image = Activation(
            buffer: try plan.buffer(bytes: pixels),
            scales: [calibration.unit("image", of: isSigned ? 127 : 255)],
            size: size,
            isSigned: isSigned
        )
        let (source, factor) = unsafe (images, 1 / image.scales[0])
        steps.append {
            unsafe od_int8_quantize(Int64(pixels), factor, isSigned, source, image.buffer.raw)
            return 0
        }
        var built: [Activation] = []
        for operation in options.net.operations {
            let inputs = operation.inputs.map { built[$0] }
            let input = inputs.count > 1 ? try join(inputs[0], inputs[1]) : inputs.first ?? image
            switch operation.kind {
            case .convolution: built.append(try convolution(operation, input))
            case .up: built.append(try convolution(operation, input, isUp: true))
            case .pooling: built.append(try pool(operation.name, input))
            case .repetition: built.append(try repetition(operation.name, input))
            case .head(let hasBias): try addHead(operation.name, hasBias, parameters, input)
            }
        }
        try plan.seal()
    }

    func infer() throws(UNetError) { try plan.run(steps) }

    /// A convolution with folded normalisation and ReLU, or a transposed one, whose target is signed.
    private func convolution(
        _ operation: NetOperation,
        _ source: Activation,
        isUp: Bool = false
    ) throws(UNetError) -> Activation {
        let (name, channels) = (operation.name, operation.channels)
        let size = isUp ? source.size.doubled : source.size
        let target = try plan.buffer(bytes: batch * channels * size.pixels)
        let unit = calibration.unit(isUp ? name : operation.normalization, of: isUp ? 127 : 255)
        var shape = od_int8(
            n: Int32(batch),
            ic: Int32(source.scales.count),
            oc: Int32(channels),
            h: Int32(source.size.height),
            w: Int32(source.size.width),
            k: isUp ? 2 : 3,
            transposed: isUp,
            signed_source: source.isSigned,
            signed_target: isUp
        )
        let folded = isUp ? weights.up(name) : weights.convolution(name)
        let integers = QuantizedWeights(folded, inputScales: source.scales)
        let bias = try plan.buffer(bytes: channels * 4)
        for (channel, step) in integers.steps.enumerated() {
            unsafe bias.floats[channel] = folded.bias[channel] / step
        }
        steps.append(
            try unsafe plan.step(
                name,
                .inference,
                od_int8_convolution(
                    plan.context,
                    &shape,
                    source.buffer.raw,
                    integers.values,
                    bias.floats,
                    integers.steps.map { $0 / unit },
                    target.raw
                )
            )
        )
        return Activation(
            buffer: target,
            scales: Array(repeating: unit, count: channels),
            size: size,
            isSigned: isUp
        )
    }

    private func pool(_ name: String, _ source: Activation) throws(UNetError) -> Activation {
        let (n, c, size) = (Int32(batch), Int32(source.scales.count), source.size)
        let target = try plan.buffer(bytes: batch * source.scales.count * size.pixels / 4)
        let (h, w) = (Int32(size.height), Int32(size.width))
        let operation = unsafe od_int8_pool(plan.context, n, c, h, w, source.buffer.raw, target.raw)
        steps.append(try unsafe plan.step(name, .inference, operation))
        return Activation(buffer: target, scales: source.scales, size: size.halved(1))
    }

    private func repetition(_ name: String, _ source: Activation) throws(UNetError) -> Activation {
        let (n, c, size) = (Int32(batch), Int32(source.scales.count), source.size)
        let target = try plan.buffer(bytes: batch * source.scales.count * size.pixels * 4)
        steps.append {
            unsafe od_int8_repeat(n, c, Int32(size.height), Int32(size.width), source.buffer.raw, target.raw)
            return 0
        }
        plan.record(name, .inference)
        return Activation(buffer: target, scales: source.scales, size: size.doubled)
    }

    /// The channels of the skip before those that came up: u8 where both are, else s8.
    private func join(_ skip: Activation, _ up: Activation) throws(UNetError) -> Activation {
        let (pixels, channels) = (batch * skip.size.pixels, skip.scales.count)
        let joined = try plan.buffer(bytes: pixels * 2 * channels)
        steps.append {
            let first = unsafe skip.buffer.raw.assumingMemoryBound(to: UInt8.self)
            if up.isSigned {
                let second = unsafe up.buffer.raw.assumingMemoryBound(to: Int8.self)
                let target = unsafe joined.raw.assumingMemoryBound(to: Int8.self)
                unsafe od_int8_join(Int64(pixels), Int32(channels), first, second, target)
            } else {
                let second = unsafe up.buffer.raw.assumingMemoryBound(to: UInt8.self)
                let target = unsafe joined.raw.assumingMemoryBound(to: UInt8.self)
                unsafe od_int8_append(Int64(pixels), Int32(channels), first, second, target)
            }
            return 0
        }
        let halved = skip.scales.map { $0 * (up.isSigned ? 2 : 1) }
        return Activation(buffer: joined, scales: halved + up.scales, size: skip.size, isSigned: up.isSigned)
    }

    private func addHead(
        _ name: String,
        _ hasBias: Bool,
        _ parameters: NetParameters,
        _ features: Activation
    ) throws(UNetError) {
        let pixels = batch * features.size.pixels
        let channels = features.scales.count
        let scaled = try plan.buffer(bytes: channels * 4)
        let w = unsafe parameters.value("\(name).weight")
        let bias = unsafe hasBias ? parameters.value("\(name).bias")[0] : 0
        for channel in 0..<channels { unsafe scaled.floats[channel] = w[channel] * features.scales[channel] }
        let out = unsafe logits
        steps.append {
            let values = unsafe features.buffer.raw.assumingMemoryBound(to: UInt8.self)
            unsafe od_int8_head(Int64(pixels), Int32(channels), values, scaled.floats, bias, out)
            return 0
        }
        plan.record(name, .inference, type: od_f32)
    }
}
