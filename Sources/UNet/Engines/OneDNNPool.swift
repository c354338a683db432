import COneDNN

/// 2x2 max pooling as steps of a plan.
@safe
final class OneDNNPool: OneDNNOperation {
    let output: OneDNNActivation
    let training: [OneDNNPlan.Step]
    var inference: [OneDNNPlan.Step] { training }
    private let name: String
    private let plan: OneDNNPlan
    private var shape: od_pool
    private let workspace: Buffer

    init(_ name: String, _ site: OneDNNSite, source: OneDNNActivation) throws(UNetError) {
        let plan = site.plan
        (self.name, self.plan) = (name, plan)
        output = try site.activation(source.channels, source.size.halved(1))
        var shape = od_pool(
            n: Int32(site.batch),
            c: Int32(source.channels),
            h: Int32(source.size.height),
            w: Int32(source.size.width),
            type: plan.policy.compute
        )
        self.shape = shape
        let workspace = try plan.buffer(bytes: Int(unsafe od_pool_workspace(plan.context, &shape)))
        self.workspace = workspace
        training = try unsafe plan.steps([.reads(source.buffer), .writes(output.buffer)]) { p throws(UNetError) in
            try unsafe plan.step(name, .forward, od_pool_forward(plan.context, &shape, p[0], p[1], workspace.raw))
        }
    }

    func backward(from gradient: Buffer, into targets: [Buffer]) throws(UNetError) -> [OneDNNPlan.Step] {
        try unsafe plan.steps([.reads(gradient), .writes(targets[0])]) { p throws(UNetError) in
            try unsafe plan.step(
                name,
                .backward,
                od_pool_backward(plan.context, &shape, p[0], workspace.raw, p[1])
            )
        }
    }
}
