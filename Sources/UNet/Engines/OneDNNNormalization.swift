import COneDNN

/// Batch normalisation with ReLU as steps of a plan; backward works in place.
final class OneDNNNormalization {
    let training: [OneDNNPlan.Step]
    let inference: [OneDNNPlan.Step]
    let backward: [OneDNNPlan.Step]

    init(
        _ name: String,
        plan: OneDNNPlan,
        parameters: NetParameters,
        batch: Int,
        channels: Int,
        size: Int,
        source: Buffer,
        target: Buffer,
        gradient: Buffer
    ) throws(UNetError) {
        var shape = od_normalization(
            n: Int32(batch),
            c: Int32(channels),
            h: Int32(size),
            w: Int32(size),
            epsilon: Normalization.epsilon,
            type: plan.type
        )
        let mean = try plan.buffer(bytes: channels * 4)
        let variance = try plan.buffer(bytes: channels * 4)
        let workspace = try plan.buffer(bytes: Int(unsafe od_normalization_workspace(plan.context, &shape)))
        let scale = unsafe parameters.value("\(name).weight")
        let shift = unsafe parameters.value("\(name).bias")
        let running = unsafe parameters.statistics(name)
        let forward = try unsafe plan.step(
            "\(name) forward",
            od_normalization_training(
                plan.context,
                &shape,
                source.raw,
                scale,
                shift,
                mean.floats,
                variance.floats,
                target.raw,
                workspace.raw
            )
        )
        let track: OneDNNPlan.Step = {
            unsafe Normalization.track(
                channels: channels,
                samples: batch * size * size,
                mean: mean.floats,
                variance: variance.floats,
                into: running
            )
            return 0
        }
        training = [forward, track] + plan.rounding(target)
        inference =
            [
                try unsafe plan.step(
                    "\(name) inference",
                    od_normalization_inference(
                        plan.context,
                        &shape,
                        source.raw,
                        scale,
                        shift,
                        running.mean,
                        running.variance,
                        target.raw
                    )
                )
            ] + plan.rounding(target)
        backward =
            [
                try unsafe plan.step(
                    "\(name) backward",
                    od_normalization_backward(
                        plan.context,
                        &shape,
                        source.raw,
                        scale,
                        shift,
                        mean.floats,
                        variance.floats,
                        workspace.raw,
                        gradient.raw,
                        parameters.gradient("\(name).weight"),
                        parameters.gradient("\(name).bias")
                    )
                )
            ] + plan.rounding(gradient)
    }
}
