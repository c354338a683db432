import COneDNN

/// Batch normalisation with ReLU as steps of a plan; backward works in place.
@safe
final class OneDNNNormalization {
    let training: [OneDNNPlan.Step]
    let inference: [OneDNNPlan.Step]
    private let name: String
    private let site: OneDNNSite
    private let source: Buffer
    private var shape: od_normalization
    private let mean: Buffer
    private let variance: Buffer
    private let workspace: Buffer
    private let synchronised: SynchronisedStatistics?

    init(_ name: String, _ site: OneDNNSite, source: OneDNNActivation, target: Buffer) throws(UNetError) {
        let (plan, channels) = (site.plan, source.channels)
        (self.name, self.site, self.source) = (name, site, source.buffer)
        var shape = od_normalization(
            n: Int32(site.batch),
            c: Int32(channels),
            h: Int32(source.size.height),
            w: Int32(source.size.width),
            epsilon: Normalization.epsilon,
            type: plan.policy.compute,
            given_statistics: site.synchronised != nil
        )
        self.shape = shape
        let (mean, variance) = (try plan.buffer(bytes: channels * 4), try plan.buffer(bytes: channels * 4))
        let workspace = try plan.buffer(bytes: Int(unsafe od_normalization_workspace(plan.context, &shape)))
        (self.mean, self.variance, self.workspace) = (mean, variance, workspace)
        let scale = unsafe site.parameters.value("\(name).weight")
        let shift = unsafe site.parameters.value("\(name).bias")
        let running = unsafe site.parameters.statistics(name)
        let forward = try unsafe plan.steps([.reads(source.buffer), .writes(target)]) { p throws(UNetError) in
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
        let samples = site.batch * source.size.pixels * (site.synchronised?.size ?? 1)
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
        synchronised = try site.synchronised.map { world throws(UNetError) in
            try SynchronisedStatistics(site, world, of: source, mean: mean, variance: variance)
        }
        training = (try synchronised?.measure() ?? []) + forward + [track]
        inference = try unsafe plan.steps([.reads(source.buffer), .writes(target)]) { p throws(UNetError) in
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
    }

    /// `gradient` goes from that of the output to that of the input.
    func backward(in gradient: Buffer) throws(UNetError) -> [OneDNNPlan.Step] {
        let (plan, parameters) = (site.plan, site.parameters)
        let own = try unsafe plan.steps([.reads(source), .updates(gradient)]) { p throws(UNetError) in
            try unsafe plan.step(
                name,
                .backward,
                od_normalization_backward(
                    plan.context,
                    &shape,
                    p[0],
                    parameters.value("\(name).weight"),
                    parameters.value("\(name).bias"),
                    mean.floats,
                    variance.floats,
                    workspace.raw,
                    p[1],
                    parameters.gradient("\(name).weight"),
                    parameters.gradient("\(name).bias")
                )
            )
        }
        return own + (try synchronised?.correct(gradient, name, parameters) ?? [])
    }
}
