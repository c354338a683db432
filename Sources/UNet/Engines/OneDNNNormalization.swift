import COneDNN

/// Batch normalisation with ReLU as steps of a plan; backward works in place.
final class OneDNNNormalization {
    let training: [OneDNNPlan.Step]
    let inference: [OneDNNPlan.Step]
    let backward: [OneDNNPlan.Step]

    init(
        _ name: String,
        _ level: OneDNNLevel,
        source: Buffer,
        target: Buffer,
        gradient: Buffer
    ) throws(UNetError) {
        let (plan, channels) = (level.plan, level.channels)
        var shape = od_normalization(
            n: Int32(level.batch),
            c: Int32(channels),
            h: Int32(level.size),
            w: Int32(level.size),
            epsilon: Normalization.epsilon,
            type: plan.policy.compute,
            given_statistics: level.synchronised != nil
        )
        let mean = try plan.buffer(bytes: channels * 4)
        let variance = try plan.buffer(bytes: channels * 4)
        let workspace = try plan.buffer(bytes: Int(unsafe od_normalization_workspace(plan.context, &shape)))
        let scale = unsafe level.parameters.value("\(name).weight")
        let shift = unsafe level.parameters.value("\(name).bias")
        let (scaleGradient, shiftGradient) = unsafe (
            level.parameters.gradient("\(name).weight"), level.parameters.gradient("\(name).bias")
        )
        let running = unsafe level.parameters.statistics(name)
        let forward = try unsafe plan.steps([.reads(source), .writes(target)]) { p throws(UNetError) in
            try unsafe plan.step(
                name,
                .forward,
                od_normalization_training(
                    plan.context,
                    &shape,
                    p[0],
                    scale,
                    shift,
                    mean.floats,
                    variance.floats,
                    p[1],
                    workspace.raw
                )
            )
        }
        let samples = level.batch * level.size * level.size * (level.synchronised?.size ?? 1)
        let track: OneDNNPlan.Step = {
            unsafe Normalization.track(
                channels: channels,
                samples: samples,
                mean: mean.floats,
                variance: variance.floats,
                into: running
            )
            return 0
        }
        let synchronised = try level.synchronised.map { world throws(UNetError) in
            try SynchronisedStatistics(level, world, mean: mean, variance: variance)
        }
        training = (try synchronised?.measure(source) ?? []) + forward + [track]
        inference = try unsafe plan.steps([.reads(source), .writes(target)]) { p throws(UNetError) in
            try unsafe plan.step(
                name,
                .inference,
                od_normalization_inference(
                    plan.context,
                    &shape,
                    p[0],
                    scale,
                    shift,
                    running.mean,
                    running.variance,
                    p[1]
                )
            )
        }
        let own = try unsafe plan.steps([.reads(source), .updates(gradient)]) { p throws(UNetError) in
            try unsafe plan.step(
                name,
                .backward,
                od_normalization_backward(
                    plan.context,
                    &shape,
                    p[0],
                    scale,
                    shift,
                    mean.floats,
                    variance.floats,
                    workspace.raw,
                    p[1],
                    scaleGradient,
                    shiftGradient
                )
            )
        }
        guard let synchronised else {
            backward = own
            return
        }
        unsafe backward =
            own
            + (try synchronised.correct(
                source,
                gradient,
                scale: scale,
                scaleGradient: scaleGradient,
                shiftGradient: shiftGradient
            ))
    }
}
