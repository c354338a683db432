import COneDNN

/// A transposed convolution 2x2 with stride 2 and its bias as steps of a plan.
final class OneDNNUp {
    let output: Buffer
    let forward: [OneDNNPlan.Step]
    let backward: [OneDNNPlan.Step]

    /// From `source`, the output of the level below, up to `level`.
    init(_ name: String, _ level: OneDNNLevel, source: Buffer, sourceGradient: Buffer) throws(UNetError) {
        let (plan, type) = (level.plan, level.plan.policy.compute)
        var shape = od_up(
            n: Int32(level.batch),
            ic: Int32(2 * level.channels),
            oc: Int32(level.channels),
            h: Int32(level.size / 2),
            w: Int32(level.size / 2),
            type: type
        )
        let output = try level.activation()
        self.output = output
        let w = unsafe level.weights("\(name).weight")
        let bias = unsafe level.parameters.value("\(name).bias")
        let (dw, db) = unsafe (level.parameters.gradient("\(name).weight"), level.parameters.gradient("\(name).bias"))
        let (n, c, pixels) = (Int32(level.batch), Int32(level.channels), Int64(level.size * level.size))
        let product = try unsafe plan.steps([.reads(source), .writes(output)]) { p throws(UNetError) in
            try unsafe plan.step(name, .forward, od_up_forward(plan.context, &shape, p[0], w, p[1]))
        }
        let addition = try unsafe plan.steps([.updates(output)]) { p in
            let data = unsafe p[0]
            return {
                unsafe od_add_bias(type, n, c, pixels, data, bias)
                return 0
            }
        }
        forward = product + addition

        let gradient = level.gradient
        let sum = try unsafe plan.steps([.reads(gradient)]) { p in
            let data = unsafe p[0]
            return {
                unsafe od_sum_channels(type, n, c, pixels, data, db)
                return 0
            }
        }
        let weights = try unsafe plan.steps([.reads(source), .reads(gradient)]) { p throws(UNetError) in
            try unsafe plan.step(
                name,
                .backwardWeights,
                od_up_backward_weights(plan.context, &shape, p[0], p[1], dw)
            )
        }
        let data = try unsafe plan.steps([.reads(gradient), .writes(sourceGradient)]) { p throws(UNetError) in
            try unsafe plan.step(name, .backwardData, od_up_backward_data(plan.context, &shape, p[0], w, p[1]))
        }
        backward = sum + weights + [level.parameters.finishes(name)] + data
    }
}
