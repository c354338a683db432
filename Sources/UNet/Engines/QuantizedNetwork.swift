import COneDNN

/// The U-Net in int8 over oneDNN, for inference: channels last, u8 activations behind ReLU.
///
/// Normalisation is folded into the convolutions. A product is `acc * step[c]`, where the scales of the input's
/// channels are part of the weights before these are rounded: so skip and upsampled channels keep scales of their own.
/// Upsampled channels have no ReLU behind them and are s8, and with them what is joined. The head is fp32.
@safe
final class QuantizedNetwork: InferenceNetwork {
    let images: UnsafeMutablePointer<Float>
    let logits: UnsafeMutablePointer<Float>
    var primitives: [Primitive] { plan.primitives }

    /// An activation with what one of its units is worth, channel by channel.
    private struct Activation {
        var buffer: Buffer
        var scales: [Float]
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
        let (net, size) = (options.net, options.size)
        plan = try OneDNNPlan(policy, largest: 0, threads: options.threads)
        batch = options.batch
        weights = FoldedWeights(parameters)
        self.calibration = calibration
        let pixels = batch * size * size
        unsafe images = try plan.buffer(bytes: pixels * 4).floats
        unsafe logits = try plan.buffer(bytes: pixels * 4).floats

        var current = Activation(buffer: try plan.buffer(bytes: pixels), scales: [calibration.unit("image", of: 255)])
        let (image, quantized, factor) = unsafe (images, current.buffer, 1 / current.scales[0])
        steps.append {
            let target = unsafe quantized.raw.assumingMemoryBound(to: UInt8.self)
            unsafe od_int8_quantize(Int64(pixels), factor, image, target)
            return 0
        }
        var skips: [Activation] = []
        for level in 0...net.depth {
            let (channels, side) = (net.channels(level), size >> level)
            current = try block("encoder.\(level)", current, channels, side)
            guard level < net.depth else { break }
            skips.append(current)
            current = try pool("pool.\(level)", current, channels, side)
        }
        for level in (0..<net.depth).reversed() {
            let (channels, side) = (net.channels(level), size >> level)
            let up = try convolution("up.\(level)", current, channels, side / 2, isUp: true)
            let joined = try join(skips[level], up, channels, side)
            current = try block("decoder.\(level)", joined, channels, side)
        }
        try addHead(parameters, current, pixels)
        try plan.seal()
    }

    func infer() throws(UNetError) { try plan.run(steps) }

    private func block(_ name: String, _ source: Activation, _ channels: Int, _ side: Int) throws(UNetError)
        -> Activation
    {
        let middle = try convolution("\(name).conv1", source, channels, side)
        return try convolution("\(name).conv2", middle, channels, side)
    }

    /// A convolution with folded normalisation and ReLU, or a transposed one, whose target is signed.
    private func convolution(
        _ name: String,
        _ source: Activation,
        _ channels: Int,
        _ side: Int,
        isUp: Bool = false
    ) throws(UNetError) -> Activation {
        let outputSide = isUp ? 2 * side : side
        let target = try plan.buffer(bytes: batch * channels * outputSide * outputSide)
        let unit = calibration.unit(isUp ? name : name.replacingSuffix("conv", by: "norm"), of: isUp ? 127 : 255)
        var shape = od_int8(
            n: Int32(batch),
            ic: Int32(source.scales.count),
            oc: Int32(channels),
            h: Int32(side),
            w: Int32(side),
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
            isSigned: isUp
        )
    }

    private func pool(_ name: String, _ source: Activation, _ channels: Int, _ side: Int) throws(UNetError)
        -> Activation
    {
        let target = try plan.buffer(bytes: batch * channels * side * side / 4)
        let (n, c, s) = (Int32(batch), Int32(channels), Int32(side))
        let operation = unsafe od_int8_pool(plan.context, n, c, s, s, source.buffer.raw, target.raw)
        steps.append(try unsafe plan.step(name, .inference, operation))
        return Activation(buffer: target, scales: source.scales)
    }

    private func join(_ skip: Activation, _ up: Activation, _ channels: Int, _ side: Int) throws(UNetError)
        -> Activation
    {
        let pixels = batch * side * side
        let joined = try plan.buffer(bytes: pixels * 2 * channels)
        steps.append {
            unsafe od_int8_join(
                Int64(pixels),
                Int32(channels),
                skip.buffer.raw.assumingMemoryBound(to: UInt8.self),
                up.buffer.raw.assumingMemoryBound(to: Int8.self),
                joined.raw.assumingMemoryBound(to: Int8.self)
            )
            return 0
        }
        return Activation(buffer: joined, scales: skip.scales.map { $0 * 2 } + up.scales, isSigned: true)
    }

    private func addHead(_ parameters: NetParameters, _ features: Activation, _ pixels: Int) throws(UNetError) {
        let channels = features.scales.count
        let scaled = try plan.buffer(bytes: channels * 4)
        let (w, b) = unsafe (parameters.value("head.weight"), parameters.value("head.bias"))
        for channel in 0..<channels { unsafe scaled.floats[channel] = w[channel] * features.scales[channel] }
        let out = unsafe logits
        steps.append {
            let values = unsafe features.buffer.raw.assumingMemoryBound(to: UInt8.self)
            unsafe od_int8_head(Int64(pixels), Int32(channels), values, scaled.floats, b[0], out)
            return 0
        }
        plan.record("head", .inference, type: od_f32)
    }
}

extension String {
    /// `encoder.0.conv1` with its last part named anew: `encoder.0.norm1`.
    fileprivate func replacingSuffix(_ part: String, by other: String) -> String {
        guard let last = last else { return self }
        return "\(dropLast(part.count + 1))\(other)\(last)"
    }
}
