import COneDNN

/// Convolution 3x3, batch normalisation, ReLU, as steps of a plan.
///
/// It may have several inputs (skip and upsampled): it then runs once for the part of its weights that belongs to each
/// and adds up, so that nothing is ever concatenated.
final class OneDNNConvolution: OneDNNOperation {
    let output: OneDNNActivation
    let training: [OneDNNPlan.Step]
    let inference: [OneDNNPlan.Step]
    private let parts: [Part]
    private let normalization: OneDNNNormalization

    /// Reads `inputs`; the first layer's only one is `image` in the type that is stored, and `image` is plain f32.
    init(
        _ operation: NetOperation,
        _ site: OneDNNSite,
        inputs: [OneDNNActivation],
        image: Buffer?
    ) throws(UNetError) {
        let size = inputs[0].size
        let sums = try site.activation(operation.channels, size)
        // Only a backward pass reads the sums again once they are normalised.
        output = site.isTraining ? try site.activation(operation.channels, size) : sums
        var (parts, forward): ([Part], [OneDNNPlan.Step]) = ([], [])
        var start = 0
        for (index, input) in inputs.enumerated() {
            let part = Part(
                operation.name + (inputs.count > 1 ? ".\(index)" : ""),
                site,
                input: input,
                image: image,
                outputs: operation.channels,
                level: operation.level,
                weights: (name: "\(operation.name).weight", start: start, inputs: operation.inputChannels)
            )
            forward += try part.forward(into: sums.buffer, adds: index > 0)
            parts.append(part)
            start += input.channels
        }
        self.parts = parts
        normalization = try OneDNNNormalization(operation.normalization, site, source: sums, target: output.buffer)
        training = forward + normalization.training
        inference = forward + normalization.inference
    }

    func backward(from gradient: Buffer, into targets: [Buffer]) throws(UNetError) -> [OneDNNPlan.Step] {
        var steps = try normalization.backward(in: gradient)
        for (index, part) in parts.enumerated() {
            steps += try part.backward(from: gradient, into: index < targets.count ? targets[index] : nil)
        }
        return steps
    }

    /// The part of a convolution that belongs to one of its inputs.
    @safe
    private struct Part {
        private let layer: String
        private let site: OneDNNSite
        private let input: OneDNNActivation
        private let image: Buffer?
        private let shape: od_convolution
        private let algorithm: ConvolutionAlgorithm
        private let weights: UnsafePointer<Float>
        private let gradient: UnsafeMutablePointer<Float>

        /// Binds the input; `weights` says which of how many input channels of the tensor are its own.
        init(
            _ layer: String,
            _ site: OneDNNSite,
            input: OneDNNActivation,
            image: Buffer?,
            outputs: Int,
            level: Int,
            weights: (name: String, start: Int, inputs: Int)
        ) {
            (self.layer, self.site, self.input, self.image) = (layer, site, input, image)
            let isBlocked = site.parameters.order(weights.name) != .plain
            // Blocks lie part after part, plain rows hold the channels of all parts.
            let start = 9 * weights.start * (isBlocked ? outputs : 1)
            shape = od_convolution(
                n: Int32(site.batch),
                ic: Int32(input.channels),
                oc: Int32(outputs),
                h: Int32(input.size.height),
                w: Int32(input.size.width),
                k: 3,
                weights_row: Int64(9 * weights.inputs),
                blocked_weights: isBlocked,
                plain_source: image != nil,
                type: site.plan.policy.compute,
                algorithm: od_direct
            )
            let transforms = WinogradTransforms(
                batch: site.batch,
                size: input.size,
                inputs: input.channels,
                outputs: outputs
            )
            let isTooLarge = transforms.areTooLarge(atLevel: level, ofDepth: site.depth)
            algorithm = isTooLarge ? .direct : site.algorithm
            unsafe self.weights = site.weights(weights.name) + start
            unsafe gradient = site.parameters.gradient(weights.name) + start
        }

        func forward(into target: Buffer, adds: Bool) throws(UNetError) -> [OneDNNPlan.Step] {
            let plan = site.plan
            return try unsafe plan.convolution(
                layer,
                .forward,
                shape,
                wanted: algorithm,
                [.reads(input.buffer), adds ? .updates(target) : .writes(target)]
            ) { unsafe od_convolution_forward(plan.context, $0, $1[0], weights, $1[1], adds) }
        }

        /// The gradients of the weights and, where there is a target, of the input from that of the output.
        func backward(from output: Buffer, into target: Buffer?) throws(UNetError) -> [OneDNNPlan.Step] {
            let plan = site.plan
            if let image {
                plan.record(layer, .backwardWeights, type: od_f32)
                let (shape, gradient) = unsafe (shape, gradient)
                return try unsafe plan.steps([.reads(output)]) { pointers in
                    let diff = unsafe pointers[0]
                    return {
                        let (n, oc, h, w) = (shape.n, shape.oc, shape.h, shape.w)
                        unsafe od_first_weights(shape.type, n, oc, h, w, image.floats, diff, gradient)
                        return 0
                    }
                }
            }
            var steps = try unsafe plan.convolution(
                layer,
                .backwardWeights,
                shape,
                wanted: algorithm,
                [.reads(input.buffer), .reads(output)]
            ) { unsafe od_convolution_backward_weights(plan.context, $0, $1[0], $1[1], gradient) }
            if let target {
                steps += try unsafe plan.convolution(
                    layer,
                    .backwardData,
                    shape,
                    wanted: algorithm,
                    [.reads(output), .writes(target)]
                ) { unsafe od_convolution_backward_data(plan.context, $0, $1[0], weights, $1[1]) }
            }
            return steps
        }
    }
}
