import COneDNN

/// A 3x3 convolution, or the part of one that belongs to one of its inputs, as steps of a plan.
@safe
struct OneDNNConvolution {
    private let layer: String
    private let level: OneDNNLevel
    private let input: ConvolutionInput
    private let shape: od_convolution
    private let weights: UnsafePointer<Float>
    private let gradient: UnsafeMutablePointer<Float>

    /// Binds the input; `weights` says where its columns start in a row of the tensor, and how long a row is.
    init(
        _ layer: String,
        _ level: OneDNNLevel,
        input: ConvolutionInput,
        weights: (name: String, row: Int, length: Int)
    ) {
        (self.layer, self.level, self.input) = (layer, level, input)
        shape = od_convolution(
            n: Int32(level.batch),
            ic: Int32(input.channels),
            oc: Int32(level.channels),
            h: Int32(level.size),
            w: Int32(level.size),
            k: 3,
            weights_row: Int64(weights.length),
            plain_source: input.image != nil,
            type: level.plan.policy.compute,
            algorithm: od_direct
        )
        unsafe self.weights = level.weights(weights.name) + weights.row
        unsafe gradient = level.parameters.gradient(weights.name) + weights.row
    }

    func forward(into target: Buffer, adds: Bool) throws(UNetError) -> [OneDNNPlan.Step] {
        let plan = level.plan
        return try unsafe plan.convolution(
            layer,
            .forward,
            shape,
            wanted: level.algorithm,
            [.reads(input.buffer), adds ? .updates(target) : .writes(target)]
        ) { unsafe od_convolution_forward(plan.context, $0, $1[0], weights, $1[1], adds) }
    }

    /// The gradients of the weights and of the input from that of the output.
    func backward(from output: Buffer) throws(UNetError) -> [OneDNNPlan.Step] {
        let plan = level.plan
        if let image = input.image {
            plan.record(layer, .backwardWeights, type: od_f32)
            let (n, oc, s, type) = (Int32(level.batch), Int32(level.channels), Int32(level.size), plan.policy.compute)
            let gradient = unsafe gradient
            return try unsafe plan.steps([.reads(output)]) { pointers in
                let diff = unsafe pointers[0]
                return {
                    unsafe od_first_weights(type, n, oc, s, s, image.floats, diff, gradient)
                    return 0
                }
            }
        }
        var steps = try unsafe plan.convolution(
            layer,
            .backwardWeights,
            shape,
            wanted: level.algorithm,
            [.reads(input.buffer), .reads(output)]
        ) { unsafe od_convolution_backward_weights(plan.context, $0, $1[0], $1[1], gradient) }
        if let target = input.gradient {
            steps += try unsafe plan.convolution(
                layer,
                .backwardData,
                shape,
                wanted: level.algorithm,
                [.reads(output), .writes(target)]
            ) { unsafe od_convolution_backward_data(plan.context, $0, $1[0], weights, $1[1]) }
        }
        return steps
    }
}
