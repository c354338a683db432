import COneDNN

/// A transposed convolution 2x2 with stride 2 and its bias as steps of a plan.
@safe
final class OneDNNUp: OneDNNOperation {
    let output: OneDNNActivation
    let training: [OneDNNPlan.Step]
    var inference: [OneDNNPlan.Step] { training }
    private let name: String
    private let site: OneDNNSite
    private let source: Buffer
    private var shape: od_up

    init(_ operation: NetOperation, _ site: OneDNNSite, source: OneDNNActivation) throws(UNetError) {
        let (plan, type, name) = (site.plan, site.plan.policy.compute, operation.name)
        (self.name, self.site, self.source) = (name, site, source.buffer)
        let large = source.size.doubled
        output = try site.activation(operation.channels, large)
        var shape = od_up(
            n: Int32(site.batch),
            ic: Int32(source.channels),
            oc: Int32(operation.channels),
            h: Int32(source.size.height),
            w: Int32(source.size.width),
            blocked_weights: site.parameters.order("\(name).weight") != .plain,
            type: type
        )
        self.shape = shape
        let w = unsafe site.weights("\(name).weight")
        let bias = unsafe site.parameters.value("\(name).bias")
        let (n, c, pixels) = (shape.n, shape.oc, Int64(large.pixels))
        let product = try unsafe plan.steps([.reads(source.buffer), .writes(output.buffer)]) { p throws(UNetError) in
            try unsafe plan.step(name, .forward, od_up_forward(plan.context, &shape, p[0], w, p[1]))
        }
        let addition = try unsafe plan.steps([.updates(output.buffer)]) { p in
            let data = unsafe p[0]
            return {
                unsafe od_add_bias(type, n, c, pixels, data, bias)
                return 0
            }
        }
        training = product + addition
    }

    func backward(from gradient: Buffer, into targets: [Buffer]) throws(UNetError) -> [OneDNNPlan.Step] {
        let (plan, shape) = (site.plan, shape)
        let w = unsafe site.weights("\(name).weight")
        let dw = unsafe site.parameters.gradient("\(name).weight")
        let db = unsafe site.parameters.gradient("\(name).bias")
        let pixels = Int64(output.size.pixels)
        let sum = try unsafe plan.steps([.reads(gradient)]) { p in
            let data = unsafe p[0]
            return {
                unsafe od_sum_channels(shape.type, shape.n, shape.oc, pixels, data, db)
                return 0
            }
        }
        let weights = try unsafe plan.steps([.reads(source), .reads(gradient)]) { p throws(UNetError) in
            try unsafe plan.step(
                name,
                .backwardWeights,
                od_up_backward_weights(plan.context, &self.shape, p[0], p[1], dw)
            )
        }
        let data = try unsafe plan.steps([.reads(gradient), .writes(targets[0])]) { p throws(UNetError) in
            try unsafe plan.step(
                name,
                .backwardData,
                od_up_backward_data(plan.context, &self.shape, p[0], w, p[1])
            )
        }
        return sum + weights + data
    }
}
