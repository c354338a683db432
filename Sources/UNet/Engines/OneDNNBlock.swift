import COneDNN

/// One input of a convolution: an activation, and which input channels of the weights belong to it.
struct ConvolutionInput {
    var buffer: Buffer
    var channels: Int
    /// Where the gradient of this input goes; `nil` for the image.
    var gradient: Buffer?
    /// The image itself, in plain f32, where this is the first layer.
    var image: Buffer?
}

/// Twice convolution 3x3, batch normalisation, ReLU, as steps of a plan.
///
/// The first convolution may have two inputs (skip and upsampled): it then runs once for each half of its weights
/// and adds up, so that nothing is ever concatenated.
final class OneDNNBlock {
    /// The block's output.
    let output: Buffer
    private(set) var training: [OneDNNPlan.Step] = []
    private(set) var inference: [OneDNNPlan.Step] = []
    private(set) var backward: [OneDNNPlan.Step] = []

    /// Builds the block.
    ///
    /// - Parameters: `gradient` holds the gradient of the output before backward, and the gradient of the first
    ///   input's partner is free to use it after; `spare` is memory of the same size.
    init(
        _ name: String,
        plan: OneDNNPlan,
        parameters: NetParameters,
        weights: (String) -> UnsafePointer<Float>,
        batch: Int,
        inputs: [ConvolutionInput],
        channels: Int,
        size: Int,
        algorithm: od_algorithm,
        gradient: Buffer,
        spare: Buffer
    ) throws(UNetError) {
        let first = try plan.activation(batch, channels, size)
        let middle = try plan.activation(batch, channels, size)
        let second = try plan.activation(batch, channels, size)
        output = try plan.activation(batch, channels, size)
        let total = inputs.reduce(0) { $0 + $1.channels }

        var forward1: [OneDNNPlan.Step] = []
        var back1: [OneDNNPlan.Step] = []
        var row = 0
        for (index, input) in inputs.enumerated() {
            let shape = od_convolution(
                n: Int32(batch),
                ic: Int32(input.channels),
                oc: Int32(channels),
                h: Int32(size),
                w: Int32(size),
                k: 3,
                weights_row: Int64(total * 9),
                plain_source: input.image != nil,
                type: plan.type,
                algorithm: algorithm
            )
            let layer = "\(name).conv1" + (inputs.count > 1 ? ".\(index)" : "")
            let w = unsafe weights("\(name).conv1.weight") + row * 9
            let dw = unsafe parameters.gradient("\(name).conv1.weight") + row * 9
            forward1.append(
                try unsafe plan.convolution("\(layer) forward", shape) {
                    unsafe od_convolution_forward(plan.context, $0, input.buffer.raw, w, first.raw, index > 0)
                }
            )
            if let image = input.image {
                let (n, oc, s, type) = (Int32(batch), Int32(channels), Int32(size), plan.type)
                back1.append {
                    unsafe od_first_weights(type, n, oc, s, s, image.floats, spare.raw, dw)
                    return 0
                }
            } else {
                back1.append(
                    try unsafe plan.convolution("\(layer) backward weights", shape) {
                        unsafe od_convolution_backward_weights(plan.context, $0, input.buffer.raw, spare.raw, dw)
                    }
                )
            }
            if let target = input.gradient {
                back1.append(
                    try unsafe plan.convolution("\(layer) backward data", shape) {
                        unsafe od_convolution_backward_data(plan.context, $0, spare.raw, w, target.raw)
                    }
                )
                back1 += plan.rounding(target)
            }
            row += input.channels
        }

        let shape = od_convolution(
            n: Int32(batch),
            ic: Int32(channels),
            oc: Int32(channels),
            h: Int32(size),
            w: Int32(size),
            k: 3,
            weights_row: Int64(channels * 9),
            plain_source: false,
            type: plan.type,
            algorithm: algorithm
        )
        let w = unsafe weights("\(name).conv2.weight")
        let dw = unsafe parameters.gradient("\(name).conv2.weight")
        let forward2 = try unsafe plan.convolution("\(name).conv2 forward", shape) {
            unsafe od_convolution_forward(plan.context, $0, middle.raw, w, second.raw, false)
        }
        let norm1 = try OneDNNNormalization(
            "\(name).norm1",
            plan: plan,
            parameters: parameters,
            batch: batch,
            channels: channels,
            size: size,
            source: first,
            target: middle,
            gradient: spare
        )
        let norm2 = try OneDNNNormalization(
            "\(name).norm2",
            plan: plan,
            parameters: parameters,
            batch: batch,
            channels: channels,
            size: size,
            source: second,
            target: output,
            gradient: gradient
        )
        training =
            forward1 + plan.rounding(first) + norm1.training + [forward2] + plan.rounding(second) + norm2.training
        inference =
            forward1 + plan.rounding(first) + norm1.inference + [forward2] + plan.rounding(second) + norm2.inference

        backward = norm2.backward
        backward.append(
            try unsafe plan.convolution("\(name).conv2 backward weights", shape) {
                unsafe od_convolution_backward_weights(plan.context, $0, middle.raw, gradient.raw, dw)
            }
        )
        backward.append(
            try unsafe plan.convolution("\(name).conv2 backward data", shape) {
                unsafe od_convolution_backward_data(plan.context, $0, gradient.raw, w, spare.raw)
            }
        )
        backward += plan.rounding(spare) + norm1.backward + back1
    }
}
