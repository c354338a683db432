import COneDNN

/// 2x2 max pooling as steps of a plan; backward adds the skip's gradient to what comes from below.
final class OneDNNPool {
    let output: Buffer
    /// Where the level below leaves the gradient of the output.
    let gradient: Buffer
    let forward: [OneDNNPlan.Step]
    let backward: [OneDNNPlan.Step]

    init(_ name: String, _ level: OneDNNLevel, source: Buffer, skipGradient: Buffer) throws(UNetError) {
        let (plan, type) = (level.plan, level.plan.policy.compute)
        output = try plan.activation(level.batch, level.channels, level.size / 2)
        gradient = try plan.activation(level.batch, level.channels, level.size / 2)
        var shape = od_pool(
            n: Int32(level.batch),
            c: Int32(level.channels),
            h: Int32(level.size),
            w: Int32(level.size),
            type: type
        )
        let workspace = try plan.buffer(bytes: Int(unsafe od_pool_workspace(plan.context, &shape)))
        forward = try unsafe plan.steps([.reads(source), .writes(output)]) { p throws(UNetError) in
            try unsafe plan.step(name, .forward, od_pool_forward(plan.context, &shape, p[0], p[1], workspace.raw))
        }
        let target = level.gradient
        let unpool = try unsafe plan.steps([.reads(gradient), .writes(target)]) { p throws(UNetError) in
            try unsafe plan.step(
                name,
                .backward,
                od_pool_backward(plan.context, &shape, p[0], workspace.raw, p[1])
            )
        }
        let count = plan.count(target)
        let merge = try unsafe plan.steps([.updates(target), .reads(skipGradient)]) { p in
            let (sum, other) = unsafe (p[0], p[1])
            return {
                unsafe od_add(type, count, sum, other)
                return 0
            }
        }
        backward = unpool + merge
    }
}
