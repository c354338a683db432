import COneDNN

/// A transposed convolution 2x2 with stride 2 and its bias as steps of a plan.
final class OneDNNUp {
    let output: Buffer
    let forward: [OneDNNPlan.Step]
    let backward: [OneDNNPlan.Step]

    init(
        _ level: Int,
        plan: OneDNNPlan,
        parameters: NetParameters,
        weights: (String) -> UnsafePointer<Float>,
        batch: Int,
        net: NetConfiguration,
        side: Int,
        source: Buffer,
        gradient: Buffer,
        sourceGradient: Buffer
    ) throws(UNetError) {
        let channels = net.channels(level)
        var shape = od_up(
            n: Int32(batch),
            ic: Int32(net.channels(level + 1)),
            oc: Int32(channels),
            h: Int32(side),
            w: Int32(side),
            type: plan.type
        )
        let output = try plan.activation(batch, channels, side * 2)
        self.output = output
        let w = unsafe weights("up.\(level).weight")
        let bias = unsafe parameters.value("up.\(level).bias")
        let (dw, db) = unsafe (parameters.gradient("up.\(level).weight"), parameters.gradient("up.\(level).bias"))
        let (n, c, pixels, type) = (Int32(batch), Int32(channels), Int64(4 * side * side), plan.type)
        forward =
            [
                try unsafe plan.step(
                    "up.\(level) forward",
                    od_up_forward(plan.context, &shape, source.raw, w, output.raw)
                ),
                {
                    unsafe od_add_bias(type, n, c, pixels, output.raw, bias)
                    return 0
                },
            ] + plan.rounding(output)
        backward =
            [
                {
                    unsafe od_sum_channels(type, n, c, pixels, gradient.raw, db)
                    return 0
                },
                try unsafe plan.step(
                    "up.\(level) backward weights",
                    od_up_backward_weights(plan.context, &shape, source.raw, gradient.raw, dw)
                ),
                try unsafe plan.step(
                    "up.\(level) backward data",
                    od_up_backward_data(plan.context, &shape, gradient.raw, w, sourceGradient.raw)
                ),
            ] + plan.rounding(sourceGradient)
    }
}
